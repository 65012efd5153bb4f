// Compiles README's server, and a file that imports all packages, with the packed packages, in
// every configuration of tools/ci/declarations: npm run check:declarations. It needs a build.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONFIGURATIONS } from './declarations/configurations.mjs';
import { compileWith5 } from './declarations/typescript-5.mjs';
import { packageFolders, packPackage } from './pack-package.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(new URL('./declarations/package.json', import.meta.url));
const tsc = join(dirname(require.resolve('typescript-7/package.json')), 'bin/tsc');

/** Their declarations name those of Node, or of a test runner. */
const NEEDS_NODE = ['sim', 'streams'];
const NOT_IMPORTED = ['create-evloop'];

function unpack(folder) {
  const names = packageFolders();
  for (const name of names) {
    const out = join(folder, 'packed', name);
    mkdirSync(out, { recursive: true });
    const tarball = packPackage(name, out);
    const { name: title } = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json')));
    const target = join(folder, 'node_modules', title);
    mkdirSync(target, { recursive: true });
    execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', target]);
  }
  return names;
}

/**
 * Writes a file with everything that can be imported, and the server in a form for each kind of
 * modules.
 */
function writePrograms(folder, names) {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [, server] = /```ts program server\.ts\n(.*?)```/s.exec(readme) ?? [];
  if (server === undefined) throw new Error('README.md has no program server.ts');
  writeFileSync(join(folder, 'server.ts'), server);
  // CommonJS has no top-level await.
  const [, imports, body] = /^(import .*?;\n)\n(.*)$/s.exec(server);
  const inside = `${imports}\nexport async function main() {\n${body}}\n`;
  writeFileSync(join(folder, 'server-commonjs.ts'), inside);
  for (const types of ['none', 'node']) {
    const lines = specifiers(names, types).map((name, i) => `export * as p${i} from '${name}';\n`);
    writeFileSync(join(folder, `all-${types}.ts`), lines.join(''));
  }
}

function specifiers(names, types) {
  const here = names.filter((name) => !NOT_IMPORTED.includes(name));
  const fitting = here.filter((name) => types === 'node' || !NEEDS_NODE.includes(name));
  return fitting.flatMap((name) => {
    const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json')));
    return Object.keys(manifest.exports)
      .filter((path) => types === 'node' || !path.includes('node'))
      .map((path) => manifest.name + path.slice(1));
  });
}

function filesOf({ module, types }) {
  const server = module === 'commonjs' ? 'server-commonjs.ts' : 'server.ts';
  return [server, `all-${types.length === 0 ? 'none' : 'node'}.ts`];
}

/** Runs TypeScript 7. Its output is the errors. */
function compileWith7(folder, configuration, index) {
  const project = join(folder, `tsconfig.${index}.json`);
  const { options: compilerOptions } = configuration;
  writeFileSync(project, JSON.stringify({ compilerOptions, files: filesOf(configuration) }));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [tsc, '-p', project, '--pretty', 'false']);
    let output = '';
    child.stdout.on('data', (data) => {
      output += data;
    });
    child.on('error', reject);
    child.on('close', () => resolve(output.split('\n').filter(Boolean)));
  });
}

async function compileAllWith7(folder, report) {
  const left = [...CONFIGURATIONS.entries()];
  const worker = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [index, configuration] = next;
      report(
        `TypeScript 7, ${configuration.title}`,
        await compileWith7(folder, configuration, index),
      );
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

const folder = mkdtempSync(join(tmpdir(), 'evloop-declarations-'));
let bad = 0;
const report = (title, errors) => {
  if (errors.length === 0) return;
  bad += 1;
  console.error(`${title}:\n${errors.map((error) => `  ${error}\n`).join('')}`);
};
try {
  writePrograms(folder, unpack(folder));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true });
  const node = dirname(require.resolve('@types/node/package.json'));
  symlinkSync(node, join(folder, 'node_modules/@types/node'), 'junction');
  await compileAllWith7(folder, report);
  for (const configuration of CONFIGURATIONS) {
    const files = filesOf(configuration).map((file) => join(folder, file));
    report(
      `TypeScript 5.9, ${configuration.title}`,
      compileWith5(folder, files, configuration.options),
    );
  }
  const all = 2 * CONFIGURATIONS.length;
  console.log(
    `check-declarations: ${all - bad} of ${all} configurations compile the packed packages`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = bad > 0 ? 1 : 0;
