import assert from 'node:assert/strict';
import { Interest, isExhausted, type TcpStream, WouldBlock } from '@evloop/core';
import { type FaultPlan, type Sim, type SimulateOptions, swarm } from '../../src/index.ts';
import { Loop, RW, serve, text } from './kit.ts';

/** An incorrect program and its correct twin. */
export interface Animal {
  readonly bug: string;
  /** The incorrect program is found within so many seeds. */
  readonly within: number;
  /** The failure is shrunk to so many choices. */
  readonly shrunkTo: number;
  readonly options: SimulateOptions;
  readonly run: (correct: boolean) => (sim: Sim) => Promise<void>;
}

const WEB = '10.0.0.1:9000';
const gentle: FaultPlan = swarm({ crash: undefined, powerOff: undefined, partition: undefined });
const only = (plan: FaultPlan): FaultPlan => ({ every: '1s', lasting: '2s', ...plan });

const lostWakeUp: Animal = {
  bug: 'lost wake-up: one short read per event',
  within: 20,
  shrunkTo: 2,
  options: { faults: gentle },
  run: (correct) => async (sim) => {
    let got = 0;
    sim.host('web', { ip: '10.0.0.1' }, async ({ backend }) => {
      const buffer = new Uint8Array(64);
      await serve(backend, WEB, (stream) => () => {
        for (;;) {
          const size = stream.read(buffer);
          if (size === 0) return true;
          if (size === WouldBlock) return false;
          got += size;
          if (!correct) return false;
        }
      });
    });
    sim.host('c', async ({ backend }) => {
      const loop = new Loop(backend);
      const stream = await loop.connect(WEB);
      for (let i = 0; i < 5; i++) {
        await loop.write(stream, Buffer.from('a line\n'));
        await loop.wait(50);
      }
    });
    await sim.run('5s');
    sim.heal();
    await sim.eventually('all lines are read', () => got === 35);
  },
};

const writableIsNotConnected: Animal = {
  bug: 'writable taken for connected',
  within: 10,
  shrunkTo: 1,
  options: { faults: only({ crash: ['web'] }), until: '20s' },
  run: (correct) => async (sim) => {
    sim.host('web', { ip: '10.0.0.1' }, ({ backend }) => serve(backend, WEB, () => () => true));
    sim.host('c', async ({ backend }) => {
      const loop = new Loop(backend);
      for (let i = 0; i < 50; i++) {
        const stream = backend.TcpStream.connect(WEB);
        loop.add(stream, Interest.WRITABLE);
        await loop.wait();
        if (correct) {
          try {
            if (stream.finishConnect() === true) stream.write(Buffer.from('hello'));
          } catch {
            // Not connected: the next attempt may succeed.
          }
        } else {
          // It is writable: so it is connected, or is it?
          assert.equal(stream.peerAddr().port, 9000);
        }
        stream.close();
        await loop.wait(200);
      }
    });
    await sim.run();
  },
};

const halfClose: Animal = {
  bug: 'reply lost at half-close',
  within: 50,
  shrunkTo: 3,
  options: { faults: gentle, tcp: { sendBuffer: 8192, receiveBuffer: 8192 } },
  run: (correct) => async (sim) => {
    const reply = Buffer.alloc(30_000, 'r');
    let got = -1;
    sim.host('web', { ip: '10.0.0.1' }, ({ backend }) =>
      serve(backend, WEB, (stream) => {
        const buffer = new Uint8Array(64);
        let asked = false;
        let ended = false;
        let sent = 0;
        return () => {
          for (let size = stream.read(buffer); size !== WouldBlock; size = stream.read(buffer)) {
            if (size === 0) {
              ended = true;
              break;
            }
            asked = true;
          }
          if (ended && !correct) return true;
          while (asked && sent < reply.length) {
            const size = stream.write(reply, sent);
            if (size === WouldBlock) return false;
            sent += size;
          }
          return ended && sent === reply.length;
        };
      }),
    );
    sim.host('c', async ({ backend }) => {
      const loop = new Loop(backend);
      const stream = await loop.connect(WEB);
      await loop.write(stream, Buffer.from('question'));
      stream.shutdown('write');
      got = (await loop.readAll(stream)).length;
    });
    await sim.run('10s');
    sim.heal();
    await sim.eventually('the whole reply is read', () => got === reply.length);
  },
};

const fullTable: Animal = {
  bug: 'accept stalls or spins at EMFILE',
  within: 50,
  shrunkTo: 2,
  options: { faults: gentle },
  run: (correct) => async (sim) => {
    let served = 0;
    // A listener, a poll, and two clients at a time.
    sim.host('web', { ip: '10.0.0.1', files: 4 }, async ({ backend }) => {
      const loop = new Loop(backend);
      const listener = await backend.TcpListener.bind(WEB);
      loop.add(listener, Interest.READABLE);
      const open: [stream: TcpStream, since: number][] = [];
      for (;;) {
        await loop.wait(open.length > 0 ? 100 : undefined);
        for (;;) {
          try {
            const stream = listener.accept();
            if (stream === WouldBlock) break;
            stream.write(Buffer.from('hello'));
            open.push([stream, performance.now()]);
            served++;
          } catch (error) {
            if (!isExhausted(error)) throw error;
            if (correct) break;
          }
        }
        while (open.length > 0 && performance.now() - (open[0]?.[1] ?? 0) >= 100) {
          open.shift()?.[0].close();
        }
      }
    });
    sim.hosts('c', 5, async ({ backend }) => {
      const loop = new Loop(backend);
      await loop.readAll(await loop.connect(WEB));
    });
    await sim.run('10s');
    sim.heal();
    await sim.eventually('every client is served', () => served === 5, '200s');
  },
};

const thunderingRetry: Animal = {
  bug: 'thundering retry after a restart',
  within: 5,
  shrunkTo: 1,
  options: { faults: only({ crash: ['web'] }), until: '20s' },
  run: (correct) => async (sim) => {
    const attempts: number[] = [];
    sim.always('at most 30 attempts in 100 ms', () => {
      const recent = attempts.filter((at) => at > sim.now - 100);
      return recent.length <= 30;
    });
    sim.host('web', { ip: '10.0.0.1' }, ({ backend }) => serve(backend, WEB, () => () => false));
    sim.hosts('c', 5, async ({ backend }) => {
      const loop = new Loop(backend);
      for (;;) {
        attempts.push(performance.now());
        const stream = await loop.connect(WEB, () => {
          attempts.push(performance.now());
          return correct ? 200 + Math.random() * 400 : 0;
        });
        try {
          await loop.readAll(stream);
        } catch {
          // The server has gone: again.
        }
        stream.close();
        if (correct) await loop.wait(200 + Math.random() * 400);
      }
    });
    await sim.run('10s');
  },
};

const shortWrite: Animal = {
  bug: 'short write ignored',
  within: 20,
  shrunkTo: 1,
  options: { faults: gentle },
  run: (correct) => async (sim) => {
    const lines = Array.from({ length: 20 }, (_, i) => `line ${i} of a text\n`);
    let got = '';
    sim.host('web', { ip: '10.0.0.1' }, async ({ backend }) => {
      const loop = new Loop(backend);
      const listener = await backend.TcpListener.bind(WEB);
      loop.add(listener, Interest.READABLE);
      let stream = listener.accept();
      for (; stream === WouldBlock; stream = listener.accept()) await loop.wait();
      loop.add(stream);
      for (const line of lines) {
        if (correct) await loop.write(stream, Buffer.from(line));
        else stream.write(Buffer.from(line));
        await loop.wait(20);
      }
      stream.close();
    });
    sim.host('c', async ({ backend }) => {
      const loop = new Loop(backend);
      got = text(await loop.readAll(await loop.connect(WEB)));
    });
    await sim.run('10s');
    sim.heal();
    await sim.eventually('every line is read whole', () => got === lines.join(''));
  },
};

const halfOpen: Animal = {
  bug: 'half-open peer, no timeout',
  within: 20,
  shrunkTo: 1,
  options: { faults: only({ powerOff: ['c'] }), until: '200s' },
  run: (correct) => async (sim) => {
    let ticks = 0;
    // The server has one place. It serves the next client when the one before has gone.
    sim.host('web', { ip: '10.0.0.1' }, async ({ backend }) => {
      const socket = { keepAlive: true, keepIdle: 2000, keepInterval: 1000, keepCount: 3 };
      const loop = new Loop(backend);
      const listener = await backend.TcpListener.bind(WEB, correct ? { socket } : {});
      loop.add(listener, Interest.READABLE);
      for (;;) {
        const stream = listener.accept();
        if (stream === WouldBlock) {
          await loop.wait();
          continue;
        }
        loop.add(stream, RW);
        try {
          stream.write(Buffer.from('come in'));
          await loop.readAll(stream);
        } catch {
          // Gone.
        }
        stream.close();
      }
    });
    sim.host('c', async ({ backend }) => {
      const loop = new Loop(backend);
      for (;;) {
        const stream = await loop.connect(WEB);
        const buffer = new Uint8Array(10);
        while (stream.read(buffer) === WouldBlock) await loop.wait();
        ticks++;
        await loop.wait(1500);
        stream.close();
      }
    });
    await sim.run('20s');
    sim.heal();
    const before = ticks;
    await sim.eventually('the client is served again', () => ticks > before + 2, '100s');
  },
};

const staleUnixPath: Animal = {
  bug: 'stale Unix path after a crash',
  within: 5,
  shrunkTo: 1,
  options: { faults: only({ crash: ['web'] }), until: '20s' },
  run: (correct) => async (sim) => {
    sim.host('web', async ({ backend, unlink }) => {
      const loop = new Loop(backend);
      if (correct) unlink('/run/web.sock');
      const listener = await backend.UnixListener.bind('/run/web.sock');
      loop.add(listener, Interest.READABLE);
      for (;;) await loop.wait(1000);
    });
    await sim.run();
  },
};

const closedUnread: Animal = {
  bug: 'bytes lost by closing unread',
  within: 50,
  shrunkTo: 2,
  options: { faults: gentle },
  run: (correct) => async (sim) => {
    let got = '';
    sim.host('web', { ip: '10.0.0.1' }, ({ backend }) =>
      serve(backend, WEB, (stream) => {
        const buffer = new Uint8Array(8);
        const answer = Buffer.from('denied');
        let sent = 0;
        return () => {
          for (let size = stream.read(buffer); size !== WouldBlock; size = stream.read(buffer)) {
            if (size === 0) return true;
            while (sent < answer.length) {
              const part = stream.write(answer, sent);
              if (part === WouldBlock) break;
              sent += part;
              if (sent === answer.length && correct) stream.shutdown('write');
            }
            if (sent === answer.length && !correct) return true;
          }
          return false;
        };
      }),
    );
    sim.host('c', async ({ backend }) => {
      const loop = new Loop(backend);
      const stream = await loop.connect(WEB);
      await loop.write(stream, Buffer.alloc(3000, 'q'));
      try {
        got = text(await loop.readAll(stream));
      } catch {
        got = 'reset';
      }
      stream.close();
    });
    await sim.run('10s');
    sim.heal();
    await sim.eventually('the answer is read', () => got === 'denied');
  },
};

/** The zoo. */
export const ANIMALS: readonly Animal[] = [
  lostWakeUp,
  writableIsNotConnected,
  halfClose,
  fullTable,
  thunderingRetry,
  shortWrite,
  halfOpen,
  staleUnixPath,
  closedUnread,
];
