// The tests of one package, which EVLOOP_MUTATED names, for the mutation tester: it runs those of
// one project in its own workers.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const conditions = ['@evloop/source', 'node', 'module', 'import', 'default'];
const name = process.env['EVLOOP_MUTATED'];
const tests = (process.env['EVLOOP_TESTS'] ?? '**/*.test.ts').split(' ');
const root = fileURLToPath(new URL('../../..', import.meta.url));

export default defineConfig({
  root,
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  oxc: { target: 'es2022' },
  test: { include: tests.map((test) => `packages/${name}/test/${test}`), testTimeout: 60_000 },
});
