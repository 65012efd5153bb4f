// A native function sees only the arguments that its letters give: native/letters.h.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { noNativeObject, onlyIf } from '@evloop/testing';
import { expect, test } from 'vitest';

const { include_dir } = createRequire(import.meta.url)('node-api-headers');
const folder = fileURLToPath(new URL('../../native/', import.meta.url));
const compiler = process.env['CC'] || 'cc';

/** Checks a source text as if it were in the folder of the native layer. @returns the errors. */
function compile(text: string): string {
  const options = ['-std=gnu11', '-Wall', '-Wextra', '-Werror', '-fsyntax-only', '-x', 'c', '-'];
  const include = ['-isystem', include_dir, '-I', folder];
  const { status, stderr } = spawnSync(compiler, [...options, ...include], {
    input: text,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  return status === 0 ? '' : stderr;
}

const able = spawnSync(compiler, ['--version']).status === 0;

const rows = `
#include "addon.h"
#define ROWS(X) X(one, I, s, i) X(two, i, R, n) X(three, h, 1, u) X(four, j, c, m) X(none)
ROWS(DECLARE)
`;

test(
  'a function that asks for what its letters give compiles',
  onlyIf(able, noNativeObject ?? 'there is no C compiler'),
  () => {
    const text = `${rows}
CALL(one) { return send(FD, BYTES(1), a->a2.i); }
CALL(two) { return keep_name(&a->a1, a->a2.length + (a->a2.data == NULL)); }
CALL(three) { return a->a0.data && a->a1.length ? (int64_t)a->a2.u : a->a0.i; }
CALL(four) { return a->a0.js == a->a1.js && a->a2.data != NULL; }
CALL(none) { return fail(c->refused); }`;
    expect(compile(text)).toBe('');
  },
);

const wrong = [
  ['a number above its last argument', 'one', 'a->a3.i', "no member named 'a3'"],
  ['an argument, and takes none', 'none', 'a->a0.i', "no member named 'a0'"],
  ['the bytes of an integer', 'one', 'a->a2.data != 0', "no member named 'data'"],
  ['the integer of bytes', 'one', 'a->a1.i', "no member named 'i'"],
  ['an int32 as a uint32', 'one', 'a->a2.u', "no member named 'u'"],
  ['a uint32 as an int32', 'three', 'a->a2.i', "no member named 'i'"],
  ['the length of a name to write', 'two', 'a->a1.length', "no member named 'length'"],
  ['the room of a name to read', 'two', 'a->a2.size', "no member named 'size'"],
  ['the length of the words of a message', 'four', 'a->a2.length', "no member named 'length'"],
  ['the memory of any value', 'four', 'a->a0.data != 0', "no member named 'data'"],
  ['the length of a handle', 'three', 'a->a0.length', "no member named 'length'"],
  ['a value that JavaScript passed', 'one', 'c->js[1] != 0', "no member named 'js'"],
  ['an argument without its letter', 'one', 'c->a[1].length', "no member named 'a'"],
] as const;

test(
  'a function that asks for anything else does not compile',
  onlyIf(able, noNativeObject ?? 'there is no C compiler'),
  () => {
    const functions = wrong.map(([, row, use], i) => {
      return `#line ${i + 1000}\nint64_t f${i}(call *c, args_${row} *a) { return ${use}; }`;
    });
    const errors = compile(`${rows}\n${functions.join('\n')}`).split('\n');
    const found = wrong.map(([what, , , message], i) => {
      return `${what}: ${errors.some((e) => e.includes(`:${i + 1000}:`) && e.includes(message))}`;
    });
    expect(found).toEqual(wrong.map(([what]) => `${what}: true`));
  },
);

test('no source of the native layer casts its arguments', () => {
  for (const name of ['cork', 'descriptor', 'epoll', 'message', 'socket', 'thread-wait', 'watch']) {
    const text = readFileSync(`${folder}${name}.c`, 'utf8');
    expect(text, name).not.toMatch(/\bframe\b|\)\s*a->a\d\b(?!\.)|\bint64_t sys_/);
  }
});
