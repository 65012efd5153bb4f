import { createServer } from 'node:net';
import { noNativeObject, onlyIf } from '@evloop/testing';
import { describe, expect, test } from 'vitest';
import { watch as maybeWatch } from '../../src/native/binding.ts';
import { passes, run, terminated } from './native-process.ts';
import { bytes, c, detached, native, own, pair, watched } from './raw-descriptors.ts';

describe(
  'the libuv watcher',
  onlyIf(maybeWatch !== undefined, noNativeObject ?? 'this runtime has no libuv'),
  () => {
    const watch = maybeWatch as NonNullable<typeof maybeWatch>;
    /** An immediate runs after libuv has polled. */
    const turn = async () => {
      for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
    };

    test('refuses what is of the wrong kind', () => {
      const epfd = own(native.epollCreate1());
      const create = watch.create as (...args: unknown[]) => number;
      const flag = new Int32Array(1);
      for (const args of [
        [],
        ['1', flag, () => {}],
        [epfd, new Uint32Array(1), () => {}],
        [epfd, new Int32Array(0), () => {}],
        [epfd, detached(new Int32Array(1)), () => {}],
        [epfd, flag, {}],
        [epfd, flag],
      ])
        expect(() => create(...args)).toThrow(/^argument \d: /);
      expect(watch.create(-1, flag, () => {})).toBe(-c.EBADF);
      const first = watch.create(epfd, flag, () => {});
      expect(first).toBeGreaterThan(0);
      expect(watch.start(first)).toBe(0);
      expect(watch.create(epfd, flag, () => {})).toBe(-c.EEXIST);
      expect(watch.close(first)).toBe(0);
      for (const after of [watch.start, watch.stop, watch.ref, watch.unref, watch.close]) {
        expect(after(first)).toBe(-c.EBADF);
        expect(() => after('1' as unknown as number)).toThrow(TypeError);
      }
    });

    test('calls back while a poll is parked, and stops when none is', async () => {
      const [left, right] = pair();
      const epfd = watched(left, c.EPOLLIN);
      const flag = new Int32Array(1);
      let calls = 0;
      let onCall = () => {};
      const handle = watch.create(epfd, flag, () => {
        calls++;
        onCall();
      });

      native.write(right, bytes('x'), 0, 1);
      await turn();
      expect(calls).toBe(0); // created stopped

      onCall = () => {
        flag[0] = 0;
      };
      flag[0] = 1;
      expect([watch.start(handle), watch.start(handle)]).toEqual([0, 0]);
      await turn();
      expect(calls).toBe(1); // still readable, but nobody is parked

      flag[0] = 1;
      await turn();
      expect(calls).toBe(1); // and it has stopped

      onCall = () => {
        flag[0] = 0;
        if (calls < 5) void Promise.resolve().then(() => (flag[0] = 1));
      };
      watch.start(handle);
      await turn();
      expect(calls).toBe(5); // parked again in a microtask: it went on by itself

      flag[0] = 0;
      watch.start(handle);
      await turn();
      expect(calls).toBe(5); // readable and started, but nobody to call

      flag[0] = 1;
      watch.start(handle);
      expect([watch.stop(handle), watch.stop(handle)]).toEqual([0, 0]);
      await turn();
      expect(calls).toBe(5);
      watch.close(handle);
    });

    test('a detached flag is a flag of 0', async () => {
      const [left, right] = pair();
      const flag = new Int32Array([1]);
      let calls = 0;
      const handle = watch.create(watched(left, c.EPOLLIN), flag, () => {
        calls++;
        detached(flag);
      });
      native.write(right, bytes('x'), 0, 1);
      watch.start(handle);
      await turn();
      expect(calls).toBe(1);
      watch.close(handle);
    });

    test('lets the process end if no poll is parked, or if unreferenced', async () => {
      const ends = `
      const { epfd, far } = pair();
      const flag = new Int32Array([1]);
      const handle = watch.create(epfd, flag, () => { console.log('called'); flag[0] = 0; });
      watch.start(handle);
      setTimeout(() => native.write(far, byte, 0, 1), 20);
    `;
      expect(await run(ends)).toEqual(passes('called'));
      const unreferenced = `
      const handle = watch.create(pair().epfd, new Int32Array([1]), () => {});
      watch.start(handle);
      watch.unref(handle);
      process.on('exit', () => console.log('exit'));
    `;
      expect(await run(unreferenced)).toEqual(passes('exit'));
    });

    test('what the callback, its microtasks and its ticks throw is uncaught, as in Node', async () => {
      const script = `
      const { epfd, far } = pair();
      const flag = new Int32Array([1]);
      const order = [];
      let calls = 0;
      const handle = watch.create(epfd, flag, () => {
        order.push('call');
        process.nextTick(() => order.push('tick'));
        Promise.resolve().then(() => order.push('microtask'));
        calls++;
        if (calls === 1) throw new Error('callback');
        if (calls === 2) process.nextTick(() => { throw new Error('tick'); });
        if (calls === 3) queueMicrotask(() => { throw new Error('microtask'); });
        if (calls === 4) Promise.reject(new Error('rejection'));
        if (calls === 5) flag[0] = 0;
      });
      process.on('uncaughtException', (error) => order.push('uncaught ' + error.message));
      process.on('exit', () => console.log(calls, order.filter((o) => o.startsWith('unc')).join(), 
        order.filter((o) => o === 'tick').length, order.filter((o) => o === 'microtask').length));
      native.write(far, byte, 0, 1);
      watch.start(handle);
    `;
      expect(await run(script)).toEqual(
        passes('5 uncaught callback,uncaught tick,uncaught microtask,uncaught rejection 5 5'),
      );
      const fatal = `
      const { epfd, far } = pair();
      const handle = watch.create(epfd, new Int32Array([1]), () => { throw new Error('mine'); });
      native.write(far, byte, 0, 1);
      watch.start(handle);
    `;
      const died = await run(fatal);
      expect({ status: died.status, signal: died.signal }).toEqual({ status: 1, signal: null });
      expect(died.output).toContain('Error: mine');
    });

    test('may be closed in its callback, also with its descriptor, and made anew', async () => {
      const script = `
      let rounds = 0;
      (function round() {
        const { epfd, far, near } = pair();
        const flag = new Int32Array([1]);
        const handle = watch.create(epfd, flag, () => {
          watch.close(handle);
          for (const fd of [epfd, far, near]) native.close(fd);
          if (++rounds < 100) round(); else console.log(rounds);
        });
        native.write(far, byte, 0, 1);
        watch.start(handle);
      })();
    `;
      expect(await run(script)).toEqual(passes('100'));
    });

    test('process.exit in the callback', async () => {
      const script = `
      const { epfd, far } = pair();
      const handle = watch.create(epfd, new Int32Array([1]), () => process.exit(3));
      native.write(far, byte, 0, 1);
      watch.start(handle);
    `;
      expect(await run(script)).toEqual({ status: 3, signal: null, output: '' });
    });

    test.each([
      ['waiting', ''],
      ['busy', 'native.write(far, byte, 0, 1);'],
      ['spinning in the callback', 'native.write(far, byte, 0, 1); spin = true;'],
      ['closing', 'native.write(far, byte, 0, 1); setTimeout(() => watch.close(handle), 200);'],
    ])('workers are terminated while they are %s', async (_, start) => {
      const body = `
      let spin = false;
      const { epfd, far } = pair();
      const handle = watch.create(epfd, new Int32Array([1]), () => { while (spin); });
      watch.start(handle);
      ${start}
    `;
      expect(await run(terminated(body))).toEqual(passes('done'));
    });

    test('other work of the process goes on', async () => {
      const server = createServer().listen(0, '127.0.0.1');
      const handle = watch.create(own(native.epollCreate1()), new Int32Array([1]), () => {});
      watch.start(handle);
      await new Promise((resolve) => server.once('listening', resolve));
      await new Promise((resolve) => server.close(resolve));
      watch.close(handle);
    });
  },
);
