import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, test } from 'vitest';

const CLI = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const SIM = pathToFileURL(fileURLToPath(new URL('../dist/index.js', import.meta.url))).href;
const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
afterAll(() => rmSync(folder, { recursive: true }));

// A reader that reads once for each event: a short read makes it wait for ever.
const PROGRAM = `
import { Events, Interest, simulate, swarm, Token, WouldBlock } from '${SIM}';
await simulate({ name: 'lost wake-up', runs: 50, faults: swarm({ crash: undefined, powerOff: undefined }) }, async (sim) => {
  sim.host('web', { ip: '10.0.0.1' }, async ({ backend }) => {
    const listener = backend.TcpListener.bind('10.0.0.1:80');
    const poll = new backend.Poll();
    poll.registry.register(listener, Token(0), Interest.READABLE);
    const events = new Events(8);
    let stream;
    while ((stream = listener.accept()) === WouldBlock) await poll.poll(events);
    poll.registry.register(stream, Token(1), Interest.READABLE);
    for (;;) {
      await poll.poll(events);
      if (stream.read(new Uint8Array(100)) === 0) return;
    }
  });
  sim.host('c', async ({ backend }) => {
    const poll = new backend.Poll();
    const stream = backend.TcpStream.connect('10.0.0.1:80');
    poll.registry.register(stream, Token(1), Interest.WRITABLE);
    const events = new Events(8);
    while (stream.finishConnect() === WouldBlock) await poll.poll(events);
    for (let i = 0; i < 3; i++) {
      stream.write(new TextEncoder().encode('hello'));
      await poll.poll(events, 100);
    }
    stream.close();
  });
  await sim.run();
});
`;

function cli(...args: string[]): { code: number | null; out: string; err: string } {
  const options = {
    cwd: folder,
    encoding: 'utf8' as const,
    env: { ...process.env, NODE_OPTIONS: '' },
  };
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], options);
  return { code: status, out: stdout, err: stderr };
}

test('the command line finds a failure, and replays, shrinks, compares, captures and draws it', () => {
  const file = join(folder, 'program.mjs');
  writeFileSync(file, PROGRAM);
  const found = cli('run', file, '--seeds', '1..50', '--jobs', '2');
  assert.equal(found.code, 1, found.err);
  assert.match(found.out, /deadlock: nothing is left to happen, and web waits/);
  assert.match(found.out, /the last 20 events:/);
  assert.match(found.out, /READABLE was reported and never cleared/);
  assert.match(found.err, /seeds a minute|seeds, \d+ a minute/);
  const written = readdirSync(join(folder, '.simruns')).map((name) =>
    join(folder, '.simruns', name),
  );
  const files = written.filter((name) => name.endsWith('.simrun'));
  assert.equal(written.filter((name) => name.endsWith('.html')).length, files.length);
  const [simrun = '', other = simrun] = files;
  const [pcap, trace, html] = ['x.pcapng', 'x.jsonl', 'x.html'].map((name) => join(folder, name));

  const replayed = cli('replay', simrun, '--pcap', pcap as string, '--trace', trace as string);
  assert.equal(replayed.code, 1, replayed.err);
  assert.doesNotMatch(replayed.out, /the trace differs/);
  assert.match(replayed.out, /deadlock/);
  assert.equal(readFileSync(pcap as string).readUInt32LE(0), 0x0a0d0d0a);
  const lines = readFileSync(trace as string, 'utf8')
    .trim()
    .split('\n');
  assert.ok(lines.length > 20);
  for (const line of lines) assert.ok(JSON.parse(line).time >= 0);

  const early = cli('replay', simrun, '--until', '1us');
  assert.equal(early.code, 0, early.out);
  assert.equal(cli('shrink', simrun).code, 1);
  assert.deepEqual(cli('diff', simrun, simrun), {
    code: 0,
    out: 'the runs do not differ\n',
    err: '',
  });
  if (other !== simrun) assert.match(cli('diff', simrun, other).out, /^event \d+: /);

  const drawn = cli('view', simrun, '--out', html as string);
  assert.equal(drawn.code, 0, drawn.err);
  assert.ok(existsSync(html as string));
  assert.doesNotMatch(readFileSync(html as string, 'utf8'), /https?:\/\/(?!www\.w3\.org)/);
});

test('a wrong command is one clear line', () => {
  assert.match(cli('dance').err, /^evloop-sim: unknown command: dance/);
  assert.match(cli('run', 'x', '--seeds', 'many').err, /invalid --seeds: many \(expected/);
  assert.match(cli('replay', join(folder, 'none.simrun')).err, /ENOENT/);
  assert.match(cli('--help').out, /^Usage: evloop-sim COMMAND FILE/);
});
