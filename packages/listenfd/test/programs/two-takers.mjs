// Starts two threads that both take what was handed over, and prints what they got. `late`: loads
// the package after them.
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

const load = () => import('../../dist/index.js');

if (isMainThread) {
  const late = process.argv[2] === 'late';
  const main = late ? undefined : await load();
  const workers = [1, 2].map(() => new Worker(new URL(import.meta.url)));
  const taken = await Promise.all(
    workers.map((worker) => new Promise((resolve) => worker.once('message', resolve))),
  );
  const { ListenFds } = main ?? (await load());
  const inherited = ListenFds.fromEnvironment();
  taken.push({ left: inherited.left.map(({ fd }) => fd), fd: inherited.take()?.fd });
  console.log(JSON.stringify(taken));
} else {
  const { ListenFds } = await load();
  const inherited = ListenFds.fromEnvironment();
  const fds = [inherited.take('a')?.fd, inherited.take()?.fd];
  parentPort.postMessage({ fds, left: inherited.left, absence: inherited.absence });
}
