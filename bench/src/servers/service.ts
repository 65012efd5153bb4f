/** What every server program can be: each load mode talks to one of them. */
export const SERVICES = ['tcp-echo', 'broadcast', 'udp-echo', 'udp-receive', 'udp-send'] as const;

/** Services that have contestants of their own. */
const OTHERS = ['tcp-relay', 'udp-relay', 'udp-options'] as const;

/** One of these services, or one that has contestants of its own. */
export type Service = (typeof SERVICES)[number] | (typeof OTHERS)[number];

/** The service that the command line names. */
export function serviceOf(argument: string | undefined): Service {
  const service = [...SERVICES, ...OTHERS].find((name) => name === argument);
  if (service === undefined) throw new TypeError(`no service is called ${String(argument)}`);
  return service;
}

/** A client whose line is longer than this is disconnected. */
export const LONGEST_LINE = 65536;

/** The question of `udp-receive`: how many datagrams, and how many bytes, have arrived so far? */
export function isQuestion(bytes: Uint8Array, size: number): boolean {
  return (
    size === 4 && bytes[0] === 0x53 && bytes[1] === 0x54 && bytes[2] === 0x41 && bytes[3] === 0x54
  );
}

/** The first datagram of `udp-relay`'s server, which is answered: what clients send goes there. */
export function isAnnouncement(bytes: Uint8Array, size: number): boolean {
  return (
    size === 4 && bytes[0] === 0x53 && bytes[1] === 0x45 && bytes[2] === 0x52 && bytes[3] === 0x56
  );
}

/** How many datagrams, of how many bytes, `udp-send` answers a question with. */
export const BURST = 50;
export const BURST_SIZE = 1200;

/** What `udp-send` sends, one after the other: number i begins with the byte i. */
export function burstBytes(): Uint8Array {
  const bytes = new Uint8Array(BURST * BURST_SIZE).fill(0x5a);
  for (let i = 0; i < BURST; i++) bytes[i * BURST_SIZE] = i;
  return bytes;
}
