import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Interest, Token } from '@evloop/core';
import { afterAll, expect, test } from 'vitest';
import { SourceFd } from '../../src/index.ts';
import { native } from '../../src/native/native.ts';
import { atEnd, bytes, code, own, tcpPair, tokens, watched } from '../support/fixture.ts';

const { READABLE, PRIORITY } = Interest;
const PATIENCE = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('urgent data is PRIORITY of a descriptor that other code reads', () => {
  const { client, server } = tcpPair();
  const { poll, events } = watched(PRIORITY, own(new SourceFd(server.fd)));
  client.write(bytes('plain'));
  native.send(client.fd, bytes('!'), 0, 1, native.constants.MSG_OOB);
  expect(tokens(poll, events, PATIENCE)).toEqual([0]);
  expect(events.at(0)).toMatchObject({ priority: true });
  expect(server.read(new Uint8Array(16))).toBe(5);
});

// There is no GPIO line here; its value is an attribute of sysfs like this one, with the same
// edges.
test('an attribute of sysfs is PRIORITY until it is read', () => {
  const attribute = openSync('/sys/class/net/lo/mtu', 'r');
  atEnd(() => closeSync(attribute));
  const source = own(new SourceFd(attribute));
  const { poll, events } = watched(PRIORITY, source);
  expect(tokens(poll, events, PATIENCE)).toEqual([0]);
  expect(events.at(0)).toMatchObject({ priority: true, error: true });
  readSync(attribute, new Uint8Array(16), 0, 16, 0);
  poll.registry.reregister(source, Token(1), PRIORITY);
  expect(tokens(poll, events)).toEqual([]);
});

test('a file, a folder and a null device cannot be polled, and the error says why', () => {
  const { poll } = watched(READABLE);
  for (const path of [join(folder, 'plain'), folder, '/dev/null']) {
    if (path !== folder && path !== '/dev/null') writeFileSync(path, 'x');
    const fd = openSync(path, 'r');
    atEnd(() => closeSync(fd));
    const register = () => poll.registry.register(own(new SourceFd(fd)), Token(0), READABLE);
    expect(code(register), path).toBe('EPERM');
    expect(register).toThrow(`descriptor ${fd} cannot be polled`);
  }
  expect(poll.registry.size).toBe(0);
});
