import assert from 'node:assert/strict';
import type { Backend } from '@evloop/core';
import type { Suite } from '../suite.ts';

/** No descriptor that anybody has. */
const CLOSED = 999_999;

/**
 * Taking over what somebody else has opened. That it then works is for a backend's own tests: it
 * takes a descriptor, which the contract does not show.
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
  test('what is no number of a descriptor is refused', RangeError, [-1, 1.5, 2 ** 31, NaN]);
  test('a descriptor that is not open is refused', { code: 'EBADF' }, [CLOSED]);

  suite.testUnsupported(others.length === 0, 'adoptFd', async () => {
    for (const backend of others) {
      for (const take of takers(backend)) {
        await assert.rejects(async () => take(CLOSED), { code: 'EVLOOP_UNSUPPORTED' });
      }
    }
  });
}

/** What takes over a descriptor: listeners and streams. */
function takers({ supports, ...backend }: Backend): ((fd: number) => unknown)[] {
  const { TcpListener, TcpStream, UnixListener, UnixStream } = backend;
  const kinds = supports.unixStreams
    ? [TcpListener, TcpStream, UnixListener, UnixStream]
    : [TcpListener, TcpStream];
  return kinds.map((kind) => (fd) => kind.fromFd(fd));
}
