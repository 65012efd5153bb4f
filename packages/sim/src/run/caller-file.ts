import { fileURLToPath } from 'node:url';

/**
 * The file of the code that called into this package; `undefined` where the runtime does not say.
 */
export function callerFile(): string | undefined {
  const lines = (new Error().stack ?? '').split('\n').slice(1);
  const own = /caller-file\.|\/run\/simulate\.|\/runner\/sim-test\./;
  for (const line of lines) {
    const match = /(file:\/\/[^\s)]+|\/[^\s():]+|[A-Za-z]:\\[^\s():]+):\d+:\d+\)?$/.exec(line);
    if (match === null || own.test(line)) continue;
    const place = match[1] as string;
    return place.startsWith('file:') ? fileURLToPath(place) : place;
  }
  return undefined;
}
