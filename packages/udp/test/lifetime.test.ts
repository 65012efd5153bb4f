import dgram from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Events, Interest, Token, WouldBlock } from '@evloop/core';
import { Poll, UserSpaceSelector } from '@evloop/core/backend';
import { expect, test } from 'vitest';
import { UdpSocket } from '../src/index.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

async function until(what: () => boolean): Promise<boolean> {
  for (let i = 0; i < 100; i++) {
    if (what()) return true;
    // What a WeakRef has answered lives until the end of the job.
    await sleep(2);
    collect();
  }
  return what();
}

/** Whether the port is free again. */
async function isFree(port: number): Promise<boolean> {
  const probe = dgram.createSocket('udp4');
  return new Promise((resolve) => {
    probe.on('error', () => resolve(false));
    probe.bind(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

test('a socket that is lost is closed, and the warning says where it was bound', async () => {
  const warnings: (Error & { code?: string })[] = [];
  const onWarning = (warning: Error): unknown => warnings.push(warning);
  process.on('warning', onWarning);
  const lose = async (): Promise<number> => {
    const socket = await UdpSocket.bind('127.0.0.1:0');
    const client = dgram.createSocket('udp4');
    client.send('unread', socket.localAddr().port, '127.0.0.1', () => client.close());
    await sleep(20);
    return socket.localAddr().port;
  };
  const port = await lose();
  expect(await until(() => warnings.length > 0)).toBe(true);
  process.off('warning', onWarning);
  expect(warnings[0]?.code).toBe('EVLOOP_LOST_SOURCE');
  expect(warnings[0]?.message).toMatch(/UdpSocket bound at .*lifetime\.test\.ts/);
  expect(await isFree(port)).toBe(true);
});

test('a registered socket is not lost; deregistered it can be', async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): unknown => warnings.push(warning);
  process.on('warning', onWarning);
  using poll = new Poll(new UserSpaceSelector());
  const register = async (): Promise<WeakRef<UdpSocket>> => {
    const socket = await UdpSocket.bind('127.0.0.1:0');
    poll.registry.register(socket, Token(0), Interest.READABLE);
    return new WeakRef(socket);
  };
  const weak = await register();
  for (let i = 0; i < 5; i++) {
    collect();
    await sleep(2);
  }
  const deregister = (): void => {
    const socket = weak.deref();
    expect(socket).toBeDefined();
    poll.registry.deregister(socket as UdpSocket);
  };
  deregister();
  expect(await until(() => warnings.length > 0)).toBe(true);
  process.off('warning', onWarning);
});

test('a closed socket is collected silently', async () => {
  let warned = false;
  const onWarning = (): void => {
    warned = true;
  };
  process.on('warning', onWarning);
  const make = async (): Promise<WeakRef<UdpSocket>> => {
    using socket = await UdpSocket.bind('127.0.0.1:0');
    return new WeakRef(socket);
  };
  const weak = await make();
  expect(await until(() => weak.deref() === undefined)).toBe(true);
  await sleep(10);
  process.off('warning', onWarning);
  expect(warned).toBe(false);
});

test('what was sent before close arrives', async () => {
  using server = await UdpSocket.bind('127.0.0.1:0');
  using poll = new Poll(new UserSpaceSelector());
  poll.registry.register(server, Token(0), Interest.READABLE);
  const client = await UdpSocket.bind('127.0.0.1:0');
  client.sendTo(new Uint8Array(5), server.localAddr());
  client.close();
  await poll.poll(new Events(1), 2000);
  expect(server.recv(new Uint8Array(9))).toBe(5);
  expect(server.recv(new Uint8Array(9))).toBe(WouldBlock);
});

test('urgent data does not exist here', async () => {
  using socket = await UdpSocket.bind('127.0.0.1:0');
  using poll = new Poll(new UserSpaceSelector());
  expect(() => poll.registry.register(socket, Token(0), Interest.PRIORITY)).toThrow(
    expect.objectContaining({ code: 'EVLOOP_UNSUPPORTED' }),
  );
  expect(poll.registry.size).toBe(0);
});
