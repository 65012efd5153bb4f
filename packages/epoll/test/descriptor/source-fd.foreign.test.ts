// Descriptors of which Node makes none: a python3 makes them and passes them on.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Interest, Token } from '@evloop/core';
import { needs } from '@evloop/testing';
import { afterAll, expect, test } from 'vitest';
import {
  PipeReceiver,
  PipeSender,
  SourceFd,
  UnixListener,
  type UnixStream,
} from '../../src/index.ts';
import { native } from '../../src/native/native.ts';
import { atEnd, bytes, own, some, tokens, watched } from '../support/fixture.ts';

const { EAGAIN } = native.constants;
const { READABLE } = Interest;
const PATIENCE = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
afterAll(() => rmSync(folder, { recursive: true }));

const python = needs('python3');

/**
 * What python3 makes: a timer that fires every 20 ms, an inotify instance that watches the folder,
 * both ends of a terminal.
 */
const SCRIPT = `
import ctypes, os, pty, socket, sys, tty
libc = ctypes.CDLL(None)
timer = libc.timerfd_create(1, os.O_NONBLOCK)
libc.timerfd_settime(timer, 0, (ctypes.c_long * 4)(0, 20000000, 0, 20000000), None)
inotify = libc.inotify_init1(os.O_NONBLOCK)
libc.inotify_add_watch(inotify, sys.argv[2].encode(), 0x100)
near, far = pty.openpty()
tty.setraw(far)
with socket.socket(socket.AF_UNIX) as s:
    s.connect(chr(0) + sys.argv[1])
    socket.send_fds(s, [b'x'], [timer, inotify, near, far])
`;

async function made(): Promise<[timer: number, inotify: number, near: number, far: number]> {
  const name = `evloop-${process.pid}-made`;
  const listener = own(UnixListener.bind(`\0${name}`));
  const { poll, events } = watched(READABLE, listener);
  spawn('python3', ['-c', SCRIPT, name, folder], { stdio: ['ignore', 'inherit', 'inherit'] });
  await poll.poll(events, PATIENCE);
  const stream = own(some(listener.accept()));
  poll.registry.register(stream, Token(1), READABLE);
  await poll.poll(events, PATIENCE);
  const { fds } = some((stream as UnixStream).readWithFds(new Uint8Array(1)));
  for (const fd of fds) atEnd(() => native.close(fd));
  expect(fds).toHaveLength(4);
  return fds as never;
}

test('a timerfd, an inotify instance and a terminal are sources', python, async () => {
  const [timer, inotify, near, far] = await made();
  const buffer = new Uint8Array(4096);

  const timers = watched(READABLE, own(new SourceFd(timer)));
  for (let i = 0; i < 3; i++) {
    expect(tokens(timers.poll, timers.events, PATIENCE)).toEqual([0]);
    expect(timers.events.at(0)).toMatchObject({ readable: true, error: false });
    // How often it has fired since, and then nothing.
    expect(native.read(timer, buffer, 0, 8)).toBe(8);
    expect(new DataView(buffer.buffer).getBigUint64(0, true)).toBeGreaterThan(0n);
  }

  const files = watched(READABLE, own(new SourceFd(inotify)));
  expect(tokens(files.poll, files.events)).toEqual([]);
  writeFileSync(join(folder, 'created'), '');
  expect(tokens(files.poll, files.events, PATIENCE)).toEqual([0]);
  const size = native.read(inotify, buffer, 0, buffer.length);
  expect(new TextDecoder().decode(buffer.subarray(0, size))).toContain('created');
  expect(native.read(inotify, buffer, 0, buffer.length)).toBe(-EAGAIN);
  expect(tokens(files.poll, files.events)).toEqual([]);

  const keyboard = PipeSender.fromFd(near);
  const screen = PipeReceiver.fromFd(far);
  const terminal = watched(READABLE, screen);
  expect(tokens(terminal.poll, terminal.events)).toEqual([]);
  keyboard.write(bytes('typed'));
  expect(tokens(terminal.poll, terminal.events, PATIENCE)).toEqual([0]);
  expect(screen.read(buffer)).toBe(5);
  keyboard.intoFd();
  screen.intoFd();
});

test('a terminal that is hung up ends', python, async () => {
  const [, , near, far] = await made();
  const { poll, events } = watched(READABLE, own(new SourceFd(far)));
  native.close(near);
  expect(tokens(poll, events, PATIENCE)).toEqual([0]);
  expect(events.at(0)).toMatchObject({ readClosed: true, writeClosed: true });
});
