import { afterEach, expect, test, vi } from 'vitest';
import { TcpListener } from '../src/index.ts';

afterEach(() => {
  vi.restoreAllMocks();
  Reflect.deleteProperty(process, 'permission');
});

function deny(knownFlags: readonly string[]): void {
  vi.spyOn(process, 'allowedNodeEnvironmentFlags', 'get').mockReturnValue(new Set(knownFlags));
  Object.defineProperty(process, 'permission', { value: { has: () => false }, configurable: true });
}

test('where the permission model denies the network, bind rejects with the flag to add', async () => {
  deny(['--allow-net']);
  await expect(TcpListener.bind('127.0.0.1:0')).rejects.toMatchObject({
    code: 'ERR_ACCESS_DENIED',
    syscall: 'listen',
    address: '127.0.0.1',
    port: 0,
    message: expect.stringContaining('Use --allow-net'),
  });
});

test('a permission model that does not know the network denies nothing', async () => {
  deny([]);
  const listener = await TcpListener.bind('127.0.0.1:0');
  expect(listener.localAddr().port).toBeGreaterThan(0);
  listener.close();
});
