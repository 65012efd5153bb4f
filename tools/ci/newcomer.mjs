// Runs README's two commands, `npm start` and `npm test`, as a newcomer has them: in a clean clone
// of the last commit, with an empty HOME, and with a PATH that holds what README names and the
// essential programs of a Linux system, but none that only tests use.
//
//   node tools/ci/newcomer.mjs [--no-compiler] [arguments of npm test …]
//
// --no-compiler hides the C compiler: net serves, and tests of the native object are skipped.
// EVLOOP_COUNTS names a file for the numbers of tests. Ends with 1 when one of the commands fails.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [, , ...given] = process.argv;
const compiler = !given.includes('--no-compiler');
const testArguments = given.filter((each) => each !== '--no-compiler');
const scratch = mkdtempSync(join(tmpdir(), 'evloop-newcomer-'));
const clone = join(scratch, 'evloop');
const started = performance.now();
const say = (text) =>
  console.log(`[${((performance.now() - started) / 1000).toFixed(0)} s] ${text}`);

/** The programs that README names. `as` and `ld` belong to the compiler. */
const NAMED = ['node', 'npm', 'npx', 'git', ...(compiler ? ['cc', 'gcc', 'as', 'ld'] : [])];
/** Essential packages of Debian, which every Linux system has in some form. */
const ESSENTIAL = ['bash', 'coreutils', 'dash', 'grep', 'sed', 'util-linux'];
/** They belong to an essential package, but only tests use them: containers often forbid them. */
const ONLY_TESTS = ['nsenter', 'unshare'];

function find(name) {
  const { status, stdout } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

function essentialPrograms() {
  const listed = spawnSync('dpkg', ['-L', ...ESSENTIAL], { encoding: 'utf8' });
  if (listed.status === 0) {
    const files = listed.stdout.split('\n').filter((file) => /\/s?bin\/[^/]+$/.test(file));
    return files.map((file) => basename(file));
  }
  return 'bash sh cat cp date dirname env head ls mkdir mv printf prlimit pwd rm sed sleep tail true uname'.split(
    ' ',
  );
}

/** Makes a folder of links to the programs that a newcomer has. */
function newcomersPath() {
  const folder = join(scratch, 'bin');
  mkdirSync(folder);
  const names = new Set(['sh', ...NAMED, ...essentialPrograms()]);
  for (const name of names) {
    const program = ONLY_TESTS.includes(name) ? undefined : find(name);
    // A program of node_modules/.bin is not the system's.
    if (program?.startsWith('/') && !program.includes('node_modules/.bin')) {
      symlinkSync(realpathSync(program), join(folder, name));
    }
  }
  return folder;
}

function environment() {
  const home = join(scratch, 'home');
  mkdirSync(home);
  const env = { ...process.env, HOME: home, PATH: newcomersPath(), CI: 'true' };
  for (const name of Object.keys(env)) {
    // Variables that npm or a test runner has set for this script, and paths of other programs.
    if (/^(?:npm_(?:lifecycle|package|command|node|execpath)|XDG_|VITEST|EVLOOP_RUNS)/.test(name)) {
      delete env[name];
    }
  }
  if (!compiler) env.CC = '/bin/false';
  return env;
}

async function isFree(port) {
  const server = createServer().listen(port, '127.0.0.1');
  const free = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  await new Promise((resolve) => server.close(resolve));
  return free;
}

/** Sends a line to the server as README's client does, and returns what it answers. */
async function talk(port) {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  socket.end('hello\n');
  let heard = '';
  for await (const text of socket) heard += text;
  return heard;
}

/** Runs `npm start`, talks to the server, and ends it as Ctrl-C does. */
async function tryStart(env) {
  const args = (await isFree(9000)) ? ['start'] : ['start', '--', '--port', '0'];
  say(`npm ${args.join(' ')}`);
  const child = spawn('npm', args, {
    cwd: clone,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const closed = once(child, 'close');
  const port = await new Promise((resolve, reject) => {
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      process.stdout.write(text);
      printed += text;
      const match = /listens on \S+:(\d+)\n/.exec(printed);
      if (match !== null) resolve(Number(match[1]));
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error('npm start ended before it listened')));
  });
  const heard = await talk(port);
  if (heard !== 'Hello world!\nhello\n') throw new Error(`the server answered ${heard}`);
  // As from a terminal: the whole process group gets it.
  process.kill(-child.pid, 'SIGINT');
  const [code, signal] = await closed;
  // npm forwards a signal that the server has already got. It may arrive while the server exits.
  if (code !== 0 && signal !== 'SIGINT') throw new Error(`npm start ended with ${code ?? signal}`);
  say('npm start served a client, and Ctrl-C ended it');
}

async function tryTest(env) {
  const args = ['test', ...(testArguments.length > 0 ? ['--', ...testArguments] : [])];
  say(`npm ${args.join(' ')}`);
  const child = spawn('npm', args, { cwd: clone, env, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code, signal] = await once(child, 'close');
  say(`npm test ended with ${code ?? signal}`);
  return code === 0;
}

// The gate stops checks that take too long.
process.once('SIGTERM', () => {
  rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
  process.exit(143);
});

try {
  const state = execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' });
  if (state !== '') say('what is not committed is not in the clone');
  execFileSync('git', ['clone', '--quiet', root, clone], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const env = environment();
  say(`Node ${process.version}, ${compiler ? 'with' : 'without'} a C compiler`);
  await tryStart(env);
  if (!(await tryTest(env))) process.exitCode = 1;
} catch (error) {
  console.error(`newcomer: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
}
