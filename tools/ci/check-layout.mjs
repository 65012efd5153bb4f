// Checks the rules about the shape of the repository that no compiler or linter knows. Run: npm run
// check:layout
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCycles, wideProse, withoutComments, wrongEntryPoints } from './layout-rules.mjs';

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));

/** Which of our packages each package may depend on. Core depends on nothing at all. */
const MAY_USE = {
  core: [],
  udp: ['@evloop/core'],
  net: ['@evloop/core', '@evloop/udp'],
  epoll: ['@evloop/core'],
  listenfd: ['@evloop/core'],
  buffer: ['@evloop/core'],
  // vitest is an optional peer: simTest registers with the runner that is there.
  sim: ['@evloop/core', 'vitest'],
  memory: ['@evloop/core'],
  conformance: ['@evloop/core'],
  service: ['@evloop/core', '@evloop/buffer'],
  streams: ['@evloop/core', '@evloop/service'],
  // The simulator is an optional peer, for EVLOOP_BACKEND=sim.
  evloop: ['@evloop/core', '@evloop/net', '@evloop/udp', '@evloop/epoll', '@evloop/sim'],
  'create-evloop': [],
};
const README_HEADINGS = ['Install', 'Example', 'Exports', 'Errors', 'Limits', 'Licence'];
const MAX_LINES = 300;
/** Each of these is a whole protocol in one file, so that it may be copied out. */
const PROTOCOLS = new Set(['examples/dns_server.ts', 'examples/resp_server.ts']);
const MAX_PROTOCOL_LINES = 650;
const WARN_LINES = 250;

const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' });
const files = listed.split('\n').filter((file) => file !== '' && existsSync(file));
const read = (file) => readFileSync(file, 'utf8');
const lineCount = (text) => text.split('\n').length - 1;
let failures = 0;

function fail(place, message) {
  failures += 1;
  console.error(`error: ${place}: ${message}`);
}

function checkPackage(name) {
  const folder = `packages/${name}`;
  for (const file of ['package.json', 'tsconfig.json', 'README.md', 'src/index.ts']) {
    if (!existsSync(`${folder}/${file}`)) return fail(folder, `has no ${file}`);
  }
  const manifest = JSON.parse(read(`${folder}/package.json`));
  const place = `${folder}/package.json`;
  const rootEngines = JSON.parse(read('package.json')).engines.node;
  if (manifest.license !== 'MIT') fail(place, '"license" must be "MIT"');
  if (manifest.type !== 'module') fail(place, '"type" must be "module"');
  checkSideEffects(place, manifest.sideEffects);
  if (manifest.engines?.node !== rootEngines) fail(place, `"engines.node" must be ${rootEngines}`);
  if (manifest.private) fail(place, 'is private, but stands among the published packages');
  if (manifest.scripts?.install || manifest.scripts?.postinstall) {
    fail(place, 'has an install script; publish prebuilt objects instead');
  }
  checkExports(place, manifest);
  checkDependencies(name, place, manifest);
  if (manifest.version !== '0.0.0' && !existsSync(`${folder}/CHANGELOG.md`)) {
    fail(folder, `is at version ${manifest.version} but has no CHANGELOG.md`);
  }
  if (lineCount(read(`${folder}/tsconfig.json`)) > 10) {
    fail(`${folder}/tsconfig.json`, 'has more than 10 lines; options belong in tsconfig.base.json');
  }
  const headings = [...read(`${folder}/README.md`).matchAll(/^## (.*)$/gm)].map((m) => m[1]);
  const shape = headings.filter((heading) => README_HEADINGS.includes(heading));
  if (shape.join() !== README_HEADINGS.join()) {
    fail(`${folder}/README.md`, `needs the headings ${README_HEADINGS.join(', ')}, in this order`);
  }
}

/** The entry points that a program imports for their effect alone are in folders `objects`. */
function checkSideEffects(place, sideEffects) {
  if (sideEffects === false) return;
  if (Array.isArray(sideEffects) && sideEffects.every((file) => /\/objects\//.test(file))) return;
  fail(place, '"sideEffects" must be false, or a list of files in folders objects');
}

function checkExports(place, manifest) {
  for (const [path, entry] of Object.entries(manifest.exports ?? {})) {
    if (Object.keys(entry)[0] !== '@evloop/source') {
      fail(place, `exports["${path}"] must begin with "@evloop/source"`);
    }
    const { '@evloop/source': _, ...published } = entry;
    if (JSON.stringify(manifest.publishConfig?.exports?.[path]) !== JSON.stringify(published)) {
      fail(place, `publishConfig.exports["${path}"] must be exports["${path}"] without the source`);
    }
  }
}

function checkDependencies(name, place, manifest) {
  const allowed = MAY_USE[name];
  if (!allowed) return fail(place, 'is not in the dependency table of tools/ci/check-layout.mjs');
  const { dependencies, peerDependencies, optionalDependencies } = manifest;
  const used = Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies });
  for (const dependency of used) {
    if (!allowed.includes(dependency)) fail(place, `must not depend on ${dependency}`);
  }
  if (name === 'core' && Object.keys(manifest.devDependencies ?? {}).length > 0) {
    fail(place, 'core has no dependencies, for development neither');
  }
}

/** Exported declarations at the start of a line must have a doc comment right above them. */
function checkDocumented(file) {
  const lines = read(file).split('\n');
  const documented = new Set();
  lines.forEach((line, i) => {
    const match =
      /^export (?:declare )?(?:abstract )?(?:async )?(?:class|function\*?|const|let|type|interface) (\w+)/.exec(
        line,
      );
    if (!match) return;
    if (lines[i - 1]?.trimEnd().endsWith('*/')) documented.add(match[1]);
    else if (!documented.has(match[1])) {
      fail(`${file}:${i + 1}`, `${match[1]} is exported but has no doc comment`);
    }
  });
}

function checkSource(file, text) {
  const name = basename(file);
  const lines = lineCount(text);
  const test = file.includes('/test/');
  const most = PROTOCOLS.has(file) ? MAX_PROTOCOL_LINES : MAX_LINES;
  if (lines > most && !test) fail(file, `has ${lines} lines, more than ${most}`);
  else if (lines > (test ? MAX_LINES : WARN_LINES)) {
    console.error(`warning: ${file}: has ${lines} lines; is it still one thing?`);
  }
  if (/^(utils?|helpers?|common)\./.test(name)) fail(file, 'name a file after what is in it');
  if (/^packages\/[^/]+\/src\//.test(file)) {
    if (
      !file.startsWith('packages/core/') &&
      /instanceof\s+EvloopError\b/.test(withoutComments(text))
    ) {
      fail(file, 'compare `error.code`: there may be two copies of core');
    }
  }
}

/** Tests of foreign programs are a separate project: a newcomer's `npm test` skips them. */
function checkForeign(file, text) {
  const foreign = file.endsWith('.foreign.test.ts');
  if (/\.test\.ts$/.test(file) && !foreign && /\bneeds\(/.test(withoutComments(text))) {
    fail(file, 'drives a foreign program, so its name must end with .foreign.test.ts');
  }
}

/** These share helpers with the conformance suite, which runs under any runner: node:assert. */
const ASSERTING = /^packages\/(?:core|conformance|memory|sim)\/test\//;

/** Each test file uses one style of assertion, the one of its package. */
function checkAssertions(file, text) {
  if (!file.endsWith('.test.ts') || file.startsWith('tools/')) return;
  const asserting = ASSERTING.test(file);
  const wrong = asserting ? /\bexpect\b[^;]*from 'vitest'/ : /from 'node:assert/;
  if (!wrong.test(text)) return;
  fail(file, asserting ? 'use node:assert, not expect' : "use vitest's expect, not node:assert");
}

function checkMachine(file, text) {
  text.split('\n').forEach((line, i) => {
    const place = `${file}:${i + 1}`;
    if (/(^|[^\w.])\/(?:work|root)\//.test(line)) fail(place, 'names a path of one machine');
    if (!file.endsWith('.md') && /(^|[^\w.])\/tmp\//.test(line)) {
      fail(place, 'names a temporary folder; ask os.tmpdir() for it');
    }
  });
}

/** Folders whose files still import each other in circles. New circles elsewhere fail. */
const CYCLIC = ['packages/service/', 'packages/sim/'];

function checkCycles() {
  const sources = files.filter((file) => /\.(?:[cm]?ts|mjs)$/.test(file));
  for (const circle of findCycles(new Map(sources.map((file) => [file, read(file)])))) {
    const [first] = circle;
    if (CYCLIC.some((folder) => first.startsWith(folder))) continue;
    fail(first, `is part of a circle of imports: ${circle.join(', ')}`);
  }
}

function checkEntryPoints() {
  const manifests = files.filter((file) => /^packages\/[^/]+\/package\.json$/.test(file));
  const entryPoints = new Map(
    manifests.map((file) => {
      const { name, exports } = JSON.parse(read(file));
      return [name, Object.keys(exports ?? {})];
    }),
  );
  for (const file of files.filter((each) => /\.(?:[cm]?ts|mjs)$/.test(each))) {
    for (const wrong of wrongEntryPoints(file, read(file), entryPoints)) fail(file, wrong);
  }
}

/** Files that were written before the rule. Take a file off the list when it is clean. */
const wideBefore = new Set(read('tools/ci/wide-prose.txt').split('\n'));

function checkWidth(file, text) {
  if (wideBefore.has(file)) return;
  for (const line of wideProse(file, text)) {
    fail(`${file}:${line}`, 'is wider than 100 columns');
  }
}

const packages = new Set(files.map((f) => /^packages\/([^/]+)\//.exec(f)?.[1]).filter(Boolean));
for (const name of packages) checkPackage(name);
checkCycles();
checkEntryPoints();
for (const file of files) {
  if (!/\.(?:[cm]?[jt]s|c|h|sh|json|md|ya?ml)$|^\.ci\/|^\.npmrc$/.test(file)) continue;
  const text = read(file);
  checkMachine(file, text);
  checkForeign(file, text);
  checkAssertions(file, text);
  if (/\.(?:[cm]?[jt]s|c|h|md)$/.test(file)) checkWidth(file, text);
  if (/\.(?:[cm]?[jt]s|c|h)$/.test(file)) checkSource(file, text);
  if (/^packages\/core\/src\/.*\.ts$/.test(file)) checkDocumented(file);
}
for (const file of ['pnpm-lock.yaml', '.npmrc', 'pnpm-workspace.yaml']) {
  if (/https?:\/\//.test(read(file))) fail(file, 'names a host; a clone uses its own registry');
}
if (failures > 0) process.exitCode = 1;
else console.log(`check-layout: ${packages.size} packages, ${files.length} files in order`);
