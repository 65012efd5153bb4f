import { Events, Interest, Token, WouldBlock } from '@evloop/core';
import type { SimulateOptions } from '../src/run/options.ts';
import { runOnce } from '../src/run/run-once.ts';
import { Capture } from '../src/trace/capture.ts';
import { withVirtualGlobals } from '../src/virtual/virtual-globals.ts';
import { readUntilEnd } from './programs.ts';

/** The capture of a run in which a client sends `size` bytes to a server. */
export async function captureOf(
  seed: number,
  size: number,
  options: SimulateOptions,
): Promise<Uint8Array> {
  // Addresses differ from run to run, so that captures can be joined.
  const network = `10.${(seed >> 8) & 255}.${seed & 255}`;
  let capture: Capture | undefined;
  const outcome = await withVirtualGlobals(() =>
    runOnce(
      options,
      async (sim) => {
        sim.host('web', { ip: `${network}.1` }, async ({ backend }) => {
          const got = await readUntilEnd(backend, `${network}.1:9999`, 'until it would block');
          if (got !== size) throw new Error(`${got} of ${size} bytes arrived`);
        });
        sim.host('c', { ip: `${network}.2` }, async ({ backend }) => {
          const poll = new backend.Poll();
          const stream = backend.TcpStream.connect(`${network}.1:9999`);
          poll.registry.register(stream, Token(1), Interest.WRITABLE);
          const events = new Events(8);
          while (stream.finishConnect() === WouldBlock) await poll.poll(events);
          const bytes = new Uint8Array(size).fill(0x61);
          for (let at = 0; at < size; ) {
            const n = stream.write(bytes, at);
            if (n === WouldBlock) await poll.poll(events);
            else at += n;
          }
          stream.close();
        });
        await sim.run();
      },
      {
        seed,
        prepare: (simulation) => {
          capture = new Capture(simulation);
        },
      },
    ),
  );
  if (outcome.failure !== undefined) throw outcome.failure;
  return (capture as unknown as Capture).pcapng();
}
