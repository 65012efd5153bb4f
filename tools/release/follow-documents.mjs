// Follows the documents as a reader would who has never seen the repository: each in an empty
// folder of its own, with the commands in their `sh project` blocks as printed. Where these end by
// starting a server, the `sh client` blocks talk to it, in a network in which every port is free. A
// tutorial's last program stands in server.ts by then. The built clone is there as well, as
// `evloop`.
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blocksOf, documents } from '../../docs/src/blocks.mjs';

const text = (blocks, purpose) =>
  blocks.filter((block) => block.purpose === purpose).map((block) => block.text);

/** Runs a script. It fails if one of its commands fails. */
function sh(script, cwd, env, enter = []) {
  const [file, ...args] = [...enter, 'sh', '-ec', script];
  const options = { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] };
  return execFileSync(file, args, { ...options, timeout: 1_200_000 });
}

/**
 * Starts the project's server, and runs each command of a client. All remaining processes end with
 * the script.
 */
function talk(commands, cwd, env) {
  const script = [
    'ip link set lo up',
    'npm start > server.log 2>&1 & server=$!',
    'until grep -q listening server.log; do sleep 0.2; kill -0 $server || { cat server.log; exit 1; }; done',
    ...commands,
  ];
  const enter = ['unshare', '--map-root-user', '--net', '--pid', '--fork', '--kill-child'];
  return sh(script.join('\n'), cwd, env, enter);
}

/** Follows one document. Returns the output of its clients. */
function follow(file, folder, clone, env) {
  const blocks = blocksOf(file);
  const lines = text(blocks, 'project').join('\n').split('\n');
  const starts = lines.at(-1) === 'npm start';
  if (starts) lines.pop();
  const created = lines.find((line) => line.startsWith('cd '))?.split(' ')[1];
  mkdirSync(folder, { recursive: true });
  symlinkSync(clone, join(folder, 'evloop'));
  sh(lines.join('\n'), folder, env);
  if (created === undefined) return 'installed';
  const project = join(folder, created);
  const last = text(
    blocks.filter(({ name }) => name === 'server.ts'),
    'program',
  ).at(-1);
  if (!starts) writeFileSync(join(project, 'server.ts'), `${last}\n`);
  return talk(text(blocks, 'client'), project, env).trim().split('\n').at(-1);
}

/**
 * Follows all documents that have commands for an empty folder. Returns their output by document.
 */
export function followDocuments(folder, clone, env) {
  const followed = documents().filter((file) => text(blocksOf(file), 'project').length > 0);
  return followed.map((file, i) => `${file}: ${follow(file, join(folder, `${i}`), clone, env)}`);
}
