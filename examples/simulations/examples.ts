import { type Program, script } from '@evloop/sim';

/** An example as the program of a host: the file that is built, unchanged. */
export function example(name: string, ...args: string[]): Program {
  return script(new URL(`../${name}.js`, import.meta.url), args);
}

/** Small buffers, so that each side is often full. */
export const SMALL_BUFFERS = { sendBuffer: 4096, receiveBuffer: 4096 };
