import assert from 'node:assert/strict';
import type { Backend } from '@evloop/core';
import type { Suite } from '../suite.ts';

/** A descriptor number that is not in use. */
const CLOSED = 999_999;

/**
 * Adopting descriptors that another process has opened. A backend's own tests check that the
 * adopted sockets work: that needs a descriptor, which the contract does not show.
 */
export function inheritedDescriptors(suite: Suite): void {
  const backends = [...new Set([suite.server, suite.client])];
  const adopting = backends.filter(({ supports }) => supports.adoptFd);
  const others = backends.filter(({ supports }) => !supports.adoptFd);
  const test = (name: string, error: object, wrong: readonly number[]): void => {
    suite.testIf(adopting.length > 0, 'adoptFd', name, async () => {
      for (const backend of adopting) {
        for (const take of takers(backend)) {
          for (const fd of wrong) await assert.rejects(async () => take(fd), error);
        }
      }
    });
  };
  test('an invalid descriptor number is a RangeError', RangeError, [-1, 1.5, 2 ** 31, NaN]);
  test('a descriptor that is not open is EBADF', { code: 'EBADF' }, [CLOSED]);

  suite.testUnsupported(others.length === 0, 'adoptFd', async () => {
    for (const backend of others) {
      for (const take of takers(backend)) {
        await assert.rejects(async () => take(CLOSED), { code: 'EVLOOP_UNSUPPORTED' });
      }
    }
  });
}

/** Returns the functions that adopt a descriptor: those of listeners and streams. */
function takers({ supports, ...backend }: Backend): ((fd: number) => unknown)[] {
  const { TcpListener, TcpStream, UnixListener, UnixStream } = backend;
  const kinds = supports.unixStreams
    ? [TcpListener, TcpStream, UnixListener, UnixStream]
    : [TcpListener, TcpStream];
  return kinds.map((kind) => (fd) => kind.fromFd(fd));
}
