import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { noNativeObject } from './testing/src/native-object.ts';

// Tests run on the sources: the private condition points into src/, so that no build is needed.
const conditions = ['@evloop/source', 'node', 'module', 'import', 'default'];

const linux = process.platform === 'linux';
if (!linux) process.stdout.write('skipped: the tests of @evloop/epoll, since this is not Linux\n');
const packages = readdirSync(new URL('packages', import.meta.url)).filter(
  (name) => linux || name !== 'epoll',
);
const projects: [name: string, root: string][] = [
  ...packages.map((name): [string, string] => [
    /^(?:create-)?evloop$/.test(name) ? name : `@evloop/${name}`,
    `packages/${name}`,
  ]),
  ['@evloop/examples', 'examples'],
  ['@evloop/bench', 'bench'],
  ['@evloop/docs', 'docs'],
  ['@evloop/testing', 'testing'],
];
/** Tests that need the native object are skipped without it: the last lines of the run say so. */
const skipping = new URL('testing/src/skip-without-native.ts', import.meta.url);
const setupFiles = noNativeObject === undefined ? [] : [fileURLToPath(skipping)];

/** Tests that drive programs which README.md does not ask for: see testing/src/needs.ts. */
const FOREIGN = '.foreign.test.ts';
const hasForeignTests = (root: string): boolean =>
  readdirSync(new URL(`${root}/test`, import.meta.url), { recursive: true }).some((file) =>
    String(file).endsWith(FOREIGN),
  );

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // `using` is compiled down for Node 20.
  oxc: { target: 'es2022' },
  test: {
    // A test may signal its own process or change its directory, so each file gets a process.
    pool: 'forks',
    // Tests wait more than they work, so that two at a time pay on two cores as well.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Only what hangs takes so long: a busy machine is no failure.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    setupFiles,
    projects: projects.flatMap(([name, root]) => [
      {
        extends: true,
        root,
        test: { name, include: ['test/**/*.test.ts'], exclude: [`**/*${FOREIGN}`] },
      },
      ...(hasForeignTests(root)
        ? [
            {
              extends: true as const,
              root,
              test: { name: `${name}:foreign`, include: [`test/**/*${FOREIGN}`] },
            },
          ]
        : []),
    ]),
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**'],
      reporter: ['text-summary', 'json-summary'],
    },
  },
});
