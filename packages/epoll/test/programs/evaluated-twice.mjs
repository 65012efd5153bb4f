// A worker evaluates this package twice, as pnpm's hard links or test runners make it do. It opens
// and closes sources of both, says which descriptors are free again, and is terminated:
// evaluated-twice.mjs linked|same
import {
  closeSync,
  cpSync,
  fstatSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A copy of the package, with hard links to its native objects. */
function copyOf(folder) {
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  mkdirSync(join(folder, 'build/Release/watch'), { recursive: true });
  for (const name of ['epoll.node', 'watch/watch.node']) {
    linkSync(join(root, 'build/Release', name), join(folder, 'build/Release', name));
  }
  return pathToFileURL(join(folder, 'dist/index.js')).href;
}

const isOpen = (fd) => {
  try {
    return fstatSync(fd) !== undefined;
  } catch {
    return false;
  }
};
const descriptors = () => readdirSync('/proc/self/fd').map(Number).filter(isOpen);

/** Opens files until the numbers that are free are used again. The other worker may have some. */
function use(numbers) {
  const opened = [];
  while (numbers.some((fd) => !isOpen(fd))) opened.push(openSync('/dev/null'));
  return opened;
}

async function main() {
  const folder = mkdtempSync(join(root, 'build/twice-'));
  const linked = process.argv[2] === 'linked';
  const { EVLOOP_NATIVE_DIR: given } = process.env;
  delete process.env.EVLOOP_NATIVE_DIR;
  try {
    const copy = copyOf(folder);
    const lost = [];
    const left = [];
    for (let round = 0; round < 5; round++) {
      const before = descriptors();
      // Two workers, of which the older one ends first, and then the newer one.
      const workers = [0, 1].map((i) => {
        const env = linked
          ? { ...process.env }
          : { ...process.env, EVLOOP_NATIVE_DIR: given ?? join(root, 'build/Release') };
        return new Worker(new URL(import.meta.url), {
          workerData: { copy, i: (i + round) % 2 },
          env,
        });
      });
      const free = await Promise.all(
        workers.map(
          (worker) =>
            new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject)),
        ),
      );
      const opened = use(free.flat());
      for (const worker of round < 2 ? workers : workers.reverse()) await worker.terminate();
      lost.push(...opened.filter((fd) => !isOpen(fd)));
      for (const fd of opened) if (isOpen(fd)) closeSync(fd);
      // The first worker of a process makes Node open descriptors of its own.
      if (round > 0) left.push(...descriptors().filter((fd) => !before.includes(fd)));
    }
    console.log(JSON.stringify({ lost, left }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function inWorker({ copy, i }) {
  const { parentPort } = await import('node:worker_threads');
  const order = ['../../dist/index.js', copy];
  const packages = [];
  for (const path of i === 0 ? order : order.reverse()) packages.push(await import(path));
  const kept = [];
  const closed = [];
  for (const { Poll, TcpListener, UdpSocket, UnixStream, pipe } of packages) {
    const udp = UdpSocket.bind('127.0.0.1:0');
    const adopted = UdpSocket.fromFd(UdpSocket.bind('127.0.0.1:0').intoFd());
    closed.push(udp, adopted, TcpListener.bind('127.0.0.1:0'), ...pipe());
    kept.push(new Poll(), UdpSocket.bind('127.0.0.1:0'), ...UnixStream.pair());
    kept.push(UdpSocket.fromFd(UdpSocket.bind('127.0.0.1:0').intoFd()));
  }
  const numbers = closed.map(({ fd }) => fd);
  for (const source of closed) source.close();
  parentPort.on('message', () => kept);
  parentPort.postMessage(numbers);
}

if (isMainThread) await main();
else await inWorker(workerData);
