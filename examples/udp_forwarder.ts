// node examples/dist/udp_forwarder.js --upstream 192.0.2.53:53            (after `npm run build`)
//
// A DNS forwarder: passes the questions of its clients to a server, and the answers back. A
// question
// that is not answered is asked again, and given up in the end: then the client gets SERVFAIL at
// once.
//
//   node -e "const d = new (require('dns').Resolver)(); d.setServers(['127.0.0.1:9053']);
//   d.resolve4('example.com', console.log)"
//   dig @127.0.0.1 -p 9053 example.com
//
// Each question goes out under a random identifier, which its answer must bear. The number of
// pending
// questions has a limit, and so has their time.
import { randomInt } from 'node:crypto';
import type { SocketAddress, UdpSocket } from '@evloop/core';
import * as epoll from '@evloop/epoll';
import * as net from '@evloop/net';
import { Datagrams, type Deadline } from '@evloop/service';
import { lookup, onSignals } from '@evloop/service/node';
import { Failure, program, reason, targetOf } from '@evloop/service/program';

const options = {
  upstream: { value: '', hint: 'HOST:PORT', about: 'a DNS server, a name or an address' },
  pending: { value: 4096, most: 32_768, about: 'the most questions that wait for an answer' },
  timeout: { value: 1000, about: 'milliseconds until a question is asked again' },
  tries: { value: 3, about: 'how often a question is asked' },
};
/** The length of the shortest message: RFC 1035, section 4.1.1. */
const HEADER = 12;
const buffer = Buffer.alloc(65536);

/** A question that waits for its answer. */
type Question = { clientId: number; from: SocketAddress; deadline: Deadline };

const usage = { about: 'Forwards DNS questions.', port: 9053, options };
await program({ ...usage, backends: { epoll, net } }, async (it) => {
  const { loop, own } = it;
  const { host, port } = targetOf('--upstream', own.upstream);
  let upstream: UdpSocket;
  try {
    const [found] = await lookup(host);
    upstream = await it.backend.UdpSocket.bind(found?.family === 6 ? '[::]:0' : '0.0.0.0:0');
    upstream.connect({ address: found?.address ?? host, port });
  } catch (error) {
    throw new Failure(`cannot forward to ${own.upstream}: ${reason(error)}`);
  }
  const front = await it.bindUdp();
  const pending = new Map<number, Question>();
  const counts = { answered: 0, repeated: 0, failed: 0, ignored: 0 };

  /** Answers SERVFAIL. */
  function refuse(message: Buffer, to: SocketAddress): void {
    counts.failed++;
    message.writeUInt16BE(((message.readUInt16BE(2) | 0x8000) & 0xfff0) | 2, 2);
    clients.sendTo(message, to);
  }

  function ask(message: Buffer, from: SocketAddress): void {
    const clientId = message.readUInt16BE();
    let id = randomInt(65536);
    while (pending.has(id)) id = (id + 1) & 0xffff;
    let left = own.tries;
    const deadline = loop.deadlines.in(own.timeout, () => {
      if (--left > 0) {
        counts.repeated++;
        deadline.touch(own.timeout);
        server.send(message);
      } else {
        pending.delete(id);
        message.writeUInt16BE(clientId);
        refuse(message, from);
      }
    });
    pending.set(id, { clientId, from, deadline });
    message.writeUInt16BE(id);
    server.send(message);
  }

  const clients = new Datagrams(loop, front, buffer, ({ size, address }) => {
    const message = Buffer.from(buffer.subarray(0, size));
    if (size < HEADER) counts.ignored++;
    else if (pending.size < own.pending) ask(message, address);
    else refuse(message, address);
  });
  const server = new Datagrams(loop, upstream, buffer, ({ size }) => {
    const message = buffer.subarray(0, size);
    const id = size < HEADER ? -1 : message.readUInt16BE();
    const question = pending.get(id);
    if (question === undefined) {
      counts.ignored++;
      return;
    }
    pending.delete(id);
    question.deadline.cancel();
    counts.answered++;
    message.writeUInt16BE(question.clientId);
    clients.sendTo(message, question.from);
  });
  onSignals(loop, { SIGTERM: 'stop', SIGINT: 'stop' });
  await loop.run();
  const { answered, repeated, failed, ignored } = counts;
  it.hint(`${answered} answered, ${repeated} repeated, ${failed} failed, ${ignored} ignored`);
  clients.close();
  server.close();
});
