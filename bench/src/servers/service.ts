/** What every server program can be: each load mode talks to one of them. */
export const SERVICES = ['tcp-echo', 'broadcast', 'udp-echo', 'udp-receive'] as const;

export type Service = (typeof SERVICES)[number];

/** The service that the command line names. */
export function serviceOf(argument: string | undefined): Service {
  const service = SERVICES.find((name) => name === argument);
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
