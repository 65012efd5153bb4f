import { afterEach, describe, expect, test, vi } from 'vitest';

describe('where there is no native object', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    vi.resetModules();
  });
  const reload = () => {
    vi.resetModules();
    return import('../../src/index.ts');
  };

  test.each([
    ['relative', /^invalid EVLOOP_NATIVE_DIR: 'relative' \(expected the absolute path/],
    ['/nonexistent', /^invalid EVLOOP_NATIVE_DIR: '\/nonexistent' .*'\/nonexistent\/epoll.node'/],
  ])('EVLOOP_NATIVE_DIR=%s is an invalid setting', async (folder, reason) => {
    vi.stubEnv('EVLOOP_NATIVE_DIR', folder);
    const { unavailable } = await reload();
    expect(unavailable).toMatchObject({ kind: 'setting', reason: expect.stringMatching(reason) });
  });

  test('importing is harmless, and using the package says why it cannot work', async () => {
    vi.stubEnv('EVLOOP_NATIVE_DIR', '/nonexistent');
    const { unavailable, ...epoll } = await reload();
    const unsupported = expect.objectContaining({
      code: 'EVLOOP_UNSUPPORTED',
      message: `@evloop/epoll: ${unavailable?.reason}`,
    });
    const uses = [
      () => new epoll.Poll(),
      () => epoll.TcpListener.bind('127.0.0.1:0'),
      () => epoll.TcpStream.connect('127.0.0.1:1'),
      () => epoll.TcpStream.fromFd(0),
      () => epoll.UdpSocket.bind('127.0.0.1:0'),
      () => epoll.UnixListener.bind('\0nowhere'),
      () => epoll.UnixStream.connect('\0nowhere'),
      () => epoll.UnixStream.pair(),
      () => epoll.UnixDatagram.unbound(),
      () => epoll.pipe(),
    ];
    for (const use of uses) expect(use).toThrow(unsupported);
    expect(new Set(Object.values(epoll.supports).map(String))).toEqual(new Set(['false', '']));
    expect(epoll.Token(7)).toBe(7);
  });

  test('another platform is named', async () => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
    const { unavailable } = await reload();
    expect(unavailable).toMatchObject({
      kind: 'machine',
      reason: 'epoll is Linux only, and this is darwin',
    });
  });
});
