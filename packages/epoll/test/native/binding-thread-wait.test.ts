import { describe, expect, test } from 'vitest';
import { passes, run, terminated } from './native-process.ts';
import { bytes, c, native, pair, watched } from './raw-descriptors.ts';

describe('the thread that waits', () => {
  test('calls once for each time it is armed', async () => {
    const [left, right] = pair();
    const epfd = watched(left, c.EPOLLIN);
    let calls = 0;
    let called = () => {};
    const handle = native.threadWaitCreate(epfd, () => {
      calls++;
      called();
    });
    expect(handle).toBeGreaterThan(0);
    const next = () => new Promise<void>((resolve) => (called = resolve));
    const quiet = () => new Promise((resolve) => setTimeout(resolve, 30));

    native.write(right, bytes('x'), 0, 1);
    await quiet();
    expect(calls).toBe(0); // readable, but not armed
    native.read(left, new Uint8Array(4), 0, 4);

    for (let round = 1; round <= 2; round++) {
      expect([native.threadWaitArm(handle), native.threadWaitArm(handle)]).toEqual([0, 0]);
      await quiet();
      expect(calls).toBe(round - 1); // armed, but not readable
      const promise = next();
      native.write(right, bytes('x'), 0, 1);
      await promise;
      await quiet();
      expect(calls).toBe(round); // still readable, but not armed any more
      native.read(left, new Uint8Array(4), 0, 4);
    }

    expect(native.threadWaitUnref(handle)).toBe(0);
    expect(native.threadWaitRef(handle)).toBe(0);
    expect(native.threadWaitClose(handle)).toBe(0);
    for (const after of [native.threadWaitArm, native.threadWaitRef, native.threadWaitUnref])
      expect(after(handle)).toBe(-c.EBADF);
    expect(native.threadWaitClose(handle)).toBe(-c.EBADF);
  });

  test('keeps the process alive until it is unreferenced', async () => {
    const script = `
      const { epfd } = pair();
      const handle = native.threadWaitCreate(epfd, () => {});
      native.threadWaitArm(handle);
      setTimeout(() => { console.log('alive'); native.threadWaitUnref(handle); }, 50);
    `;
    expect(await run(script)).toEqual(passes('alive'));
  });

  test('may be closed in its callback, and what the callback throws is uncaught', async () => {
    const script = `
      const { epfd, far } = pair();
      const handle = native.threadWaitCreate(epfd, () => {
        native.threadWaitClose(handle);
        throw new Error('mine');
      });
      process.on('uncaughtException', (error) => console.log('uncaught', error.message));
      native.threadWaitArm(handle);
      native.write(far, byte, 0, 1);
    `;
    expect(await run(script)).toEqual(passes('uncaught mine'));
  });

  test('workers are terminated around it', async () => {
    const body = `
      const { epfd, near, far } = pair();
      const handle = native.threadWaitCreate(epfd, () => {
        native.read(near, byte, 0, 1);
        native.write(far, byte, 0, 1);
        native.threadWaitArm(handle);
      });
      native.write(far, byte, 0, 1);
      native.threadWaitArm(handle);
    `;
    expect(await run(terminated(body))).toEqual(passes('done'));
  });
});
