import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const folder =
  process.env['EVLOOP_NATIVE_DIR'] ??
  fileURLToPath(new URL('../../build/Release', import.meta.url));

export interface Outcome {
  readonly status: number | null;
  readonly signal: string | null;
  readonly output: string;
}

const prelude = `
  const native = require(${JSON.stringify(`${folder}/epoll.node`)});
  const watch = process.versions.bun || globalThis.Deno
    ? undefined : require(${JSON.stringify(`${folder}/watch/watch.node`)});
  const c = native.constants;
  const events = new Uint32Array(64);
  const byte = new Uint8Array(1);
  function pair() {
    const out = new Int32Array(2);
    native.socketpair(c.AF_UNIX, c.SOCK_STREAM, 0, out);
    const epfd = native.epollCreate1();
    native.epollCtl(epfd, c.EPOLL_CTL_ADD, out[0], c.EPOLLIN, 1, 0);
    return { near: out[0], far: out[1], epfd };
  }
`;

/** Runs a script with `native`, `c`, `watch`, `pair` and `events` in a process of its own. */
export function run(script: string): Promise<Outcome> {
  const child = spawn(process.execPath, ['-e', prelude + script], { timeout: 280_000 });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  child.stderr.on('data', (data) => {
    output += data;
  });
  return new Promise((resolve) => {
    child.on('close', (status, signal) => resolve({ status, signal, output: output.trim() }));
  });
}

export const passes = (output: string): Outcome => ({ status: 0, signal: null, output });

/** Fifty workers that run `body`, each terminated at another moment. */
export const terminated = (body: string) => `
  const { Worker } = require('node:worker_threads');
  const one = (i) => {
    const worker = new Worker(${JSON.stringify(prelude + body)}, { eval: true });
    worker.on('error', (error) => console.log(error));
    return new Promise((resolve) => setTimeout(() => worker.terminate().then(resolve), 20 * i));
  };
  // Fifty, at moments 20 ms apart; ten at a time, since under the sanitizers fifty at once are more
  // than a small machine bears.
  (async () => {
    for (let wave = 0; wave < 5; wave++) {
      await Promise.all(Array.from({ length: 10 }, (_, i) => one(wave + 5 * i)));
    }
    console.log('done');
  })();
`;
