import { existsSync, linkSync, mkdtempSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { UnixListener } from '../../src/index.ts';
import { own } from '../support/fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('closing a listener leaves the file that a successor has bound', () => {
  const path = join(folder, 'successor');
  const first = UnixListener.bind(path, { unlinkOnClose: true });
  unlinkSync(path);
  const second = UnixListener.bind(path, { unlinkOnClose: true });
  first.close();
  expect(existsSync(path)).toBe(true);
  second.close();
  expect(existsSync(path)).toBe(false);
});

test('closing a listener leaves the file when a successor was renamed into its place', () => {
  const path = join(folder, 'renamed');
  const first = UnixListener.bind(path, { unlinkOnClose: true });
  const second = own(UnixListener.bind(`${path}.new`));
  renameSync(`${path}.new`, path);
  first.close();
  expect(existsSync(path)).toBe(true);
  second.close();
});

test('closing a listener removes its file, also when the file has a second name', () => {
  const path = join(folder, 'linked');
  const listener = UnixListener.bind(path, { unlinkOnClose: true });
  linkSync(path, `${path}.too`);
  listener.close();
  expect([existsSync(path), existsSync(`${path}.too`)]).toEqual([false, true]);
});

test('closing a listener whose file is gone is no error', () => {
  const path = join(folder, 'gone');
  const listener = UnixListener.bind(path, { unlinkOnClose: true });
  unlinkSync(path);
  listener.close();
  expect(existsSync(path)).toBe(false);
});
