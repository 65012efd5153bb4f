// Prints the hashes of the traces of some seeds of a simulation, as JSON: the same on each runtime.
//
//   node tools/ci/runtimes/simulated-program.mjs [seeds]
//
// Its program uses polls, timers, promises, clocks and random numbers, on the built packages. The
// timers are the global ones: Bun and Deno keep what a module has imported by name.

const sim = await import(new URL('../../../packages/sim/dist/index.js', import.meta.url));
const { Events, Interest, simulate, swarm, Token, WouldBlock } = sim;
const seeds = Number(process.argv[2] ?? 20);

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function server(backend) {
  const listener = await backend.TcpListener.bind('0.0.0.0:80');
  const poll = new backend.Poll();
  poll.registry.register(listener, Token(0), Interest.READABLE);
  const events = new Events(8);
  const streams = new Map();
  const buffer = new Uint8Array(500);
  for (let next = 1; ; ) {
    await poll.poll(events);
    for (const token of Array.from(events, (event) => event.token)) {
      if (token === 0) {
        for (let it = listener.accept(); it !== WouldBlock; it = listener.accept()) {
          poll.registry.register(it, Token(next), Interest.READABLE);
          streams.set(next++, it);
        }
        continue;
      }
      const stream = streams.get(token);
      try {
        for (let n = stream?.read(buffer); n !== undefined && n !== WouldBlock; ) {
          if (n === 0) {
            stream.close();
            streams.delete(token);
            break;
          }
          stream.write(buffer, 0, n);
          n = stream.read(buffer);
        }
      } catch {
        stream.close();
        streams.delete(token);
      }
    }
  }
}

async function client(backend, index) {
  for (;;) {
    const poll = new backend.Poll();
    const stream = backend.TcpStream.connect('10.0.0.1:80');
    const events = new Events(8);
    poll.registry.register(stream, Token(1), Interest.READABLE | Interest.WRITABLE);
    try {
      while (stream.finishConnect() === WouldBlock) await poll.poll(events, 5000);
      for (let i = 0; i < 5; i++) {
        stream.write(new Uint8Array(100 + Math.floor(Math.random() * 3000)).fill(index));
        await Promise.all([later(Math.random() * 20), poll.poll(events, 50 + (Date.now() % 7))]);
        while (stream.read(new Uint8Array(1000)) !== WouldBlock);
      }
    } catch {
      // It was reset: once more.
    }
    stream.close();
    poll.close();
    await later(100 + (performance.now() % 50));
  }
}

const hashes = [];
for (let seed = 1; seed <= seeds; seed++) {
  const report = await simulate({ seed, faults: swarm(), until: '8s' }, async (it) => {
    it.host('web', { ip: '10.0.0.1' }, ({ backend }) => server(backend));
    it.hosts('c', 2, ({ backend, index }) => client(backend, index));
    await it.run('8s');
  });
  hashes.push(report.hash);
}
process.stdout.write(JSON.stringify(hashes));
