// systemd-socket-activate -l 127.0.0.1:9000 node examples/dist/tcp_listenfd_server.js
//
// (after `npm run build`)
//
// The service of tcp_server on sockets that a supervisor has bound: systemd, or any other that sets
// LISTEN_FDS. Its first client may start such a server. It needs no right to bind its port, and it
// can be restarted without refusing a client, as supervisor.ts does: on SIGTERM it accepts no more,
// and serves the clients that it has until they leave, for at most `--drain` seconds. SIGINT, or a
// second SIGTERM, ends it at once. Try it as tcp_server:
//
//   printf 'hello\n' | node examples/dist/tcp_client.js --port 9000
//
// It takes as many sockets as there are, TCP and Unix. With
//
//   systemd-socket-activate -l 127.0.0.1:9000 -l @evloop --fdname=tcp:unix node examples/dist/tcp_listenfd_server.js
//
// it is also there for
//
//   printf 'hello\n' | socat -t 5 - ABSTRACT-CONNECT:evloop
import { setTimeout } from 'node:timers/promises';
import { type Backend, formatSocketAddress, WouldBlock } from '@evloop/core';
import * as epoll from '@evloop/epoll';
import { ListenFds, Notifier, socketKind } from '@evloop/listenfd';
import * as net from '@evloop/net';
import { isSystemError, type Listener, Server } from '@evloop/service';
import { onSignals } from '@evloop/service/node';
import { Failure, program, programName, reason } from '@evloop/service/program';

const GREETING = new TextEncoder().encode('Hello world!\n');
const buffer = new Uint8Array(65536);
const RETRY_MS = 100;

/** Returns what `get` does, or says in one line why that is not possible. */
function orFail<T>(get: () => T): T {
  try {
    return get();
  } catch (error) {
    throw new Failure(reason(error));
  }
}

/** The listeners that were handed over, with the names that the supervisor has for them. */
async function inherit(backend: Backend): Promise<{ listener: Listener; name: string }[]> {
  const descriptors = orFail(() => ListenFds.fromEnvironment());
  if (descriptors.absence !== undefined) {
    const command = 'systemd-socket-activate -l 127.0.0.1:9000 node';
    const file = `examples/dist/${programName()}.js`;
    throw new Failure(`${descriptors.absence}; start it with: ${command} ${file}`);
  }
  const inherited = [];
  for (let one = descriptors.take(); one !== undefined; one = descriptors.take()) {
    try {
      // `fromFd` looks again, and refuses what is not of its kind.
      const isUnix = socketKind(one.fd)?.family === 'Unix';
      const { fromFd } = isUnix ? unix(backend) : tcp(backend);
      inherited.push({ listener: await fromFd(one.fd), name: one.name });
    } catch (error) {
      throw new Failure(`cannot use descriptor ${one.fd} ('${one.name}'): ${reason(error)}`);
    }
  }
  return inherited;
}

const tcp = ({ TcpListener }: Backend) => ({ fromFd: (fd: number) => TcpListener.fromFd(fd) });
const unix = ({ UnixListener }: Backend) => ({ fromFd: (fd: number) => UnixListener.fromFd(fd) });

/** Tells the supervisor. One that has not read what it was told before is told again later. */
async function tell(message: () => boolean | WouldBlock): Promise<void> {
  try {
    while (message() === WouldBlock) await setTimeout(RETRY_MS, undefined, { ref: false });
  } catch (error) {
    // A supervisor that has gone is no reason to stop serving.
    if (!isSystemError(error)) throw error;
    console.error(`cannot tell the supervisor: ${reason(error)}; going on`);
  }
}

await program(
  {
    about: 'An echo server on inherited sockets.',
    port: 9000,
    backends: { epoll, net },
    options: { drain: { value: 30, about: 'seconds until a drain cuts clients off' } },
  },
  async (it) => {
    // It needs Unix datagrams: a program on net borrows those of epoll, where that runs.
    const lender = epoll.unavailable === undefined ? epoll : it.backend;
    const notifier = orFail(() => Notifier.fromEnvironment(lender));
    const inherited = await inherit(it.backend);
    for (const { listener, name } of inherited) {
      const local = listener.localAddr();
      const place =
        typeof local === 'string' ? local.replace('\0', '@') : formatSocketAddress(local);
      it.listensOn(`${place} (inherited as '${name}')`);
    }
    const listeners = inherited.map(({ listener }) => listener);
    const server = new Server(
      it.loop,
      listeners,
      (client) => {
        client.send(GREETING);
        const echo = (size: number) => client.send(buffer, 0, size);
        return { step: () => client.receive(buffer, echo) };
      },
      { log: it.log },
    );
    const stopping = () => void tell(() => notifier.stopping('Draining'));
    process.once('SIGTERM', stopping);
    onSignals(server, { SIGTERM: 'drain', SIGINT: 'stop' }, { deadlineMs: it.own.drain * 1000 });
    void tell(() => notifier.ready('Accepting connections'));
    const { watchdogMs } = notifier;
    if (watchdogMs !== undefined) {
      setInterval(() => void tell(() => notifier.watchdog()), watchdogMs / 2).unref();
    }
    await it.loop.run();
    notifier.close();
  },
);
