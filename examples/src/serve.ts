import type { Backend } from '@evloop/core';
import { type LoopOptions, runLoop } from './run-loop.ts';
import { type Listener, type Open, StreamService } from './stream-service.ts';

/** Serves the clients of `listeners`, whose backend is `backend`, until the process is asked to stop. */
export async function serve(
  backend: Backend,
  listeners: Iterable<Listener>,
  options: LoopOptions & { readonly quiet: boolean },
  open: Open,
): Promise<void> {
  const poll = new backend.Poll();
  const log = options.quiet ? () => {} : console.log;
  const service = new StreamService(poll.registry, listeners, log, open);
  await runLoop(poll, service, options);
  service.close();
  poll.close();
  // What a client was still to be sent, and does not read, must not keep us; unless we were asked to end in peace.
  if (!options.stop.draining) setTimeout(() => process.exit(0), 500).unref();
}
