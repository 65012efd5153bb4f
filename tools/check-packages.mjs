// Looks at each package as a user gets it: packs it and checks the tarball's manifest and contents.
// Needs a build; `npm run check:packages` does both.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'evloop-pack-'));
let bad = 0;

function run(file, args, cwd) {
  return execFileSync(file, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function check(name) {
  const folder = join(root, 'packages', name);
  const out = join(scratch, name);
  run('pnpm', ['pack', '--pack-destination', out], folder);
  const [tarball] = readdirSync(out);
  run('tar', ['-xzf', tarball], out);
  const packed = join(out, 'package');
  const manifest = readFileSync(join(packed, 'package.json'), 'utf8');
  const files = readdirSync(packed, { recursive: true });
  const problems = [];
  for (const word of ['@evloop/source', 'workspace:', 'catalog:']) {
    if (manifest.includes(word)) problems.push(`the packed package.json still says ${word}`);
  }
  for (const file of ['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts']) {
    if (!files.includes(file)) problems.push(`the tarball lacks ${file}`);
  }
  for (const file of files) {
    if (/(^|\/)(test|build)\//.test(file)) problems.push(`the tarball contains ${file}`);
  }
  try {
    run(
      join(root, 'node_modules/.bin/publint'),
      ['run', packed, '--pack', 'false', '--strict'],
      root,
    );
  } catch (error) {
    problems.push(`publint: ${`${error.stdout}${error.stderr}`.trim()}`);
  }
  for (const problem of problems) console.error(`packages/${name}: ${problem}`);
  bad += problems.length;
}

try {
  const names = readdirSync(join(root, 'packages'));
  for (const name of names) check(name);
  if (bad === 0) console.log(`check-packages: ${names.length} packages in order`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = bad > 0 ? 1 : 0;
