// Clients of an echo server, and what they expect of it: all bytes, in order, or an error.
import type { Host, HostContext, Sim } from '@evloop/sim';
import { Peer } from './peer.ts';

const GREETING = 'Hello world!\n';
const RETRY_MS = 500;

/** What each client says, in bytes. */
const SIZE = 20_000;

/** Which bytes a client says in one session: two clients never say the same. */
function speech(index: number, session: number): Uint8Array {
  const start = Buffer.from(`client ${index}, session ${session}: `);
  const bytes = Buffer.alloc(SIZE, 0);
  for (let i = 0; i < SIZE; i++) bytes[i] = (i * 31 + (i >> 8) * 7 + index * 13 + session) & 0xff;
  start.copy(bytes);
  return bytes;
}

/** What became of the clients. */
interface EchoClients {
  /** Whether each was served. */
  readonly served: () => boolean;
  /** Whether the proxy has reported an error for each client that heard an early end. */
  readonly reported: () => boolean;
}

/**
 * Adds `count` clients that talk to `address` until each was served once.
 *
 * @param servers the hosts between which bytes travel.
 * @param proxy where given, the clients end their side when they have said all. An early end is
 * allowed where the proxy reports an error for it.
 */
export function addEchoClients(
  sim: Sim,
  count: number,
  address: string,
  servers: readonly Host[],
  proxy?: Host,
): EchoClients {
  const halfClose = proxy !== undefined;
  const short: { readonly began: string; readonly client: string }[] = [];
  const served = new Set<number>();
  const problems: string[] = [];
  const killed = (): string => servers.map((host) => host.process?.incarnation).join();

  async function session({ backend, index }: HostContext, number: number): Promise<void> {
    const peer = new Peer(backend);
    try {
      await peer.connect(address);
      const began = killed();
      const said = speech(index, number);
      const wanted = Buffer.concat([Buffer.from(GREETING), said]);
      let at = 0;
      const hear = (piece: Uint8Array): boolean => {
        if (!wanted.subarray(at, at + piece.length).equals(piece)) {
          problems.push(`client ${index} heard other bytes at ${at}`);
        }
        at += piece.length;
        return at === wanted.length && !halfClose;
      };
      const whole = await peer.talk(said, hear, halfClose);
      if (whole || at === wanted.length) served.add(index);
      // A process that was killed ends its connections like one that is done.
      else if (killed() !== began || servers.some((host) => host.process?.alive !== true)) return;
      else if (halfClose) short.push({ began, client: peer.address });
      else {
        problems.push(`client ${index} heard the end after ${at} of ${wanted.length} bytes`);
      }
    } finally {
      peer.close();
    }
  }

  sim.hosts('c', count, async (context) => {
    for (let number = 1; !served.has(context.index); number++) {
      try {
        await session(context, number);
      } catch {
        // An error was reported: the next session starts from the beginning.
      }
      const pause = new Peer(context.backend);
      await pause.pause(RETRY_MS);
      pause.close();
    }
  });
  sim.always('clients hear what they said, in order and whole, or an error', () => {
    if (problems.length > 0) throw new Error(problems[0]);
  });
  const isReported = ({ began, client }: (typeof short)[number]): boolean =>
    began !== killed() || (proxy?.output.stdout ?? '').includes(`closed: ${client}: `);
  return { served: () => served.size === count, reported: () => short.every(isReported) };
}
