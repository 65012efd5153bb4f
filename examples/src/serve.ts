import type { Backend, TcpListener } from '@evloop/core';
import { type LoopOptions, runLoop } from './run-loop.ts';
import { type Open, TcpService } from './tcp-service.ts';

/** Serves the clients of `listener`, whose backend is `backend`, until the process is asked to stop. */
export async function serve(
  backend: Backend,
  listener: TcpListener,
  options: LoopOptions & { readonly quiet: boolean },
  open: Open,
): Promise<void> {
  const poll = new backend.Poll();
  const log = options.quiet ? () => {} : console.log;
  const service = new TcpService(poll.registry, listener, log, open);
  await runLoop(poll, service, options);
  service.close();
  poll.close();
  // What a client was still to be sent, and does not read, must not keep us.
  setTimeout(() => process.exit(0), 500).unref();
}
