// node connect-in-namespace.mjs WAY CASE: connects in this network namespace, which must be a new
// one (`unshare -rn`), and prints what has become of it as JSON. WAY is a backend, or `node` for
// net.connect with autoSelectFamily. CASE is JSON: the addresses of the host, in order, each with
// how it behaves.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import * as nodeNet from 'node:net';

const PORT = 8000;
/** When a slow address begins to answer. The kernel sends its second SYN after one second. */
const SLOW_MS = 500;

const [, , way, text] = process.argv;
const { addresses, options = {}, patienceMs = 20_000 } = JSON.parse(text);
const list = Object.entries(addresses).map(([address, behaviour]) => ({
  address,
  behaviour,
  family: nodeNet.isIP(address),
}));

execFileSync('ip', ['link', 'set', 'lo', 'up']);
for (const { address, family, behaviour } of list) {
  if (behaviour === 'unroutable') continue;
  const prefix = family === 6 ? ['/128', ['nodad']] : ['/32', []];
  execFileSync('ip', ['addr', 'add', `${address}${prefix[0]}`, 'dev', 'lo', ...prefix[1]]);
}
const nft = (input) => execFileSync('nft', ['-f', '-'], { input });
const dropping = (behaviour) =>
  list
    .filter((each) => each.behaviour === behaviour)
    .map(({ address, family }) => `${family === 6 ? 'ip6' : 'ip'} daddr ${address} drop`);
const chain = (name) =>
  [`chain ${name} {`, 'type filter hook input priority 0', ...dropping(name), '}'].join('\n');
nft(`table inet evloop {\n${chain('drops')}\n${chain('slow')}\n}\n`);

const servers = [];
for (const { address, behaviour } of list) {
  if (behaviour !== 'answers' && behaviour !== 'slow') continue;
  const server = nodeNet.createServer((socket) => socket.on('error', () => {}).resume());
  await once(server.listen(PORT, address), 'listening');
  servers.push(server);
}

const attempt = way === 'node' ? await byNode() : await byEvloop();
const begun = performance.now();
setTimeout(() => nft('flush chain inet evloop slow'), SLOW_MS).unref();
const result = await attempt();
const ms = Math.round(performance.now() - begun);
process.stdout.write(JSON.stringify({ ...result, ms, attemptsLeft: attempts() }));
process.exit();

async function byNode() {
  const lookup = (_host, _options, done) => done(null, list);
  return () =>
    new Promise((resolve) => {
      const socket = nodeNet.connect({ port: PORT, host: 'name', lookup, autoSelectFamily: true });
      socket.once('connect', () => resolve({ address: socket.remoteAddress }));
      socket.once('error', (error) => resolve(failed(error)));
      setTimeout(() => resolve({ name: 'no result' }), patienceMs).unref();
    });
}

async function byEvloop() {
  const { connect, Loop } = await import('@evloop/service');
  const loop = new Loop(await import(`@evloop/${way}`));
  void loop.run();
  const lookup = async () => list;
  return async () => {
    try {
      const stream = await connect(loop, { host: 'name', port: PORT }, { ...options, lookup });
      return { address: stream.peerAddr().address };
    } catch (error) {
      return failed(error);
    }
  };
}

function failed(error) {
  return { name: error.name, code: error.code, codes: error.errors?.map(({ code }) => code) };
}

/** How many attempts to connect are under way in this namespace (SYN_SENT). */
function attempts() {
  const lines = ['tcp', 'tcp6'].map((name) =>
    readFileSync(`/proc/net/${name}`, 'utf8').split('\n'),
  );
  return lines.flat().filter((line) => line.trim().split(/\s+/)[3] === '02').length;
}
