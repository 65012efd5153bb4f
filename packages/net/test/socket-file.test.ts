import { existsSync, linkSync, mkdtempSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { UnixListener } from '../src/index.ts';
import { own } from './fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('closing a listener leaves the file that a successor has bound', async () => {
  const path = join(folder, 'successor');
  const first = await UnixListener.bind(path, { unlinkOnClose: true });
  unlinkSync(path);
  const second = await UnixListener.bind(path, { unlinkOnClose: true });
  first.close();
  expect(existsSync(path)).toBe(true);
  second.close();
  expect(existsSync(path)).toBe(false);
});

test('closing a listener leaves the file when a successor was renamed into its place', async () => {
  const path = join(folder, 'renamed');
  const first = await UnixListener.bind(path, { unlinkOnClose: true });
  const second = own(await UnixListener.bind(`${path}.new`));
  renameSync(`${path}.new`, path);
  first.close();
  expect(existsSync(path)).toBe(true);
  second.close();
});

test('closing a listener removes its file, also when the file has a second name', async () => {
  const path = join(folder, 'linked');
  const listener = await UnixListener.bind(path, { unlinkOnClose: true });
  linkSync(path, `${path}.too`);
  listener.close();
  expect([existsSync(path), existsSync(`${path}.too`)]).toEqual([false, true]);
});

test('closing a listener whose file is gone is no error', async () => {
  const path = join(folder, 'gone');
  const listener = await UnixListener.bind(path, { unlinkOnClose: true });
  unlinkSync(path);
  listener.close();
  expect(existsSync(path)).toBe(false);
});
