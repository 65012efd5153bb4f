// Workers wake the main thread through handles: remote-wake.mjs epoll|net sync|async
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const { Events, Poll, RemoteWaker, Token, Waker } = await import(
  // By path: this package does not depend on the other backend.
  new URL(
    `../../../${isMainThread ? process.argv[2] : workerData.backend}/dist/index.js`,
    import.meta.url,
  )
);

const WAKES = 200;

if (isMainThread) await main();
else serve();

async function main() {
  const [, , backend, mode] = process.argv;
  const poll = new Poll();
  const events = new Events(8);
  const ask = async (timeout) =>
    mode === 'sync' ? poll.pollSync(events, timeout) : poll.poll(events, timeout);
  const wakers = [1, 2, 3].map((token) => new Waker(poll.registry, Token(token)));
  const go = new Int32Array(new SharedArrayBuffer(4));
  const workers = wakers.map(
    (waker) =>
      new Worker(new URL(import.meta.url), { workerData: { backend, handle: waker.handle(), go } }),
  );
  await Promise.all(workers.map((worker) => once(worker, 'message')));

  // Each round each worker wakes once; a round ends when every token was seen.
  const seen = [0, 0, 0, 0];
  let rounds = 0;
  for (; rounds < WAKES; rounds++) {
    Atomics.store(go, 0, rounds + 1);
    Atomics.notify(go, 0);
    for (const missing = new Set([1, 2, 3]); missing.size > 0; ) {
      if ((await ask(10_000)) === 0) throw new Error(`nothing in round ${rounds}`);
      for (const event of events) {
        if (!event.readable || !missing.delete(event.token))
          throw new Error(`again ${event.token}`);
        seen[event.token]++;
      }
    }
  }
  const quiet = await ask(50);

  const local = new RemoteWaker(wakers[0].handle());
  local.wake();
  local.wake();
  const merged = await ask(5000);
  wakers[1].close();
  const codes = [];
  const attempt = (act) => {
    try {
      codes.push(act() ?? 'none');
    } catch (error) {
      codes.push(error.code ?? error.name);
    }
  };
  attempt(() => wakers[1].handle());
  attempt(() => new RemoteWaker({}));
  // Its eventfd may serve the next waker; the old handle must not.
  const handle = wakers[0].handle();
  wakers[0].close();
  const next = new Waker(poll.registry, Token(7));
  const nextHandle = next.handle();
  attempt(() => new RemoteWaker(handle).wake());
  attempt(() => local.wake());
  new RemoteWaker(nextHandle).wake();
  await ask(5000);
  const last = [...events].map((event) => event.token);
  poll.close();
  attempt(() => new RemoteWaker(nextHandle).wake());
  for (const worker of workers) await worker.terminate();
  console.log(JSON.stringify({ seen, quiet, merged, codes, last }));
}

function serve() {
  const { go } = workerData;
  const waker = new RemoteWaker(workerData.handle);
  parentPort.postMessage('ready');
  for (let round = 0; round < WAKES; round++) {
    Atomics.wait(go, 0, round);
    waker.wake();
  }
  waker.close();
}
