import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { startServer, ways } from './program.ts';

/** A question for `a.`, type A, with this identifier. */
function question(id: number): Buffer {
  const message = Buffer.from('00000100000100000000000001610000010001', 'hex');
  message.writeUInt16BE(id);
  return message;
}

/** A server that answers a question with what `answer` makes of it. */
async function dnsServer(answer: (message: Buffer, count: number) => Buffer | undefined) {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const seen: Buffer[] = [];
  socket.on('message', (message, { port, address }) => {
    seen.push(Buffer.from(message));
    const reply = answer(message, seen.length);
    if (reply !== undefined) socket.send(reply, port, address);
  });
  return { socket, seen, port: socket.address().port };
}

/** The answer to a message: the same, with the flag of answers and a mark. */
function answerOf(message: Buffer): Buffer {
  const answer = Buffer.concat([message, Buffer.from('answer')]);
  answer.writeUInt16BE(answer.readUInt16BE(2) | 0x8000, 2);
  return answer;
}

async function ask(socket: Socket, port: number, id: number): Promise<Buffer> {
  const answer = once(socket, 'message');
  socket.send(question(id), port, '127.0.0.1');
  return (await answer)[0];
}

describe.each(ways)('udp_forwarder on %s, %s', (backend, wait) => {
  const start = (port: number, ...args: string[]) =>
    startServer('udp_forwarder', [
      ...['--upstream', `localhost:${port}`, '--backend', backend, '--wait', wait],
      ...args,
    ]);

  it('passes questions on under identifiers of its own, and answers back', async () => {
    const server = await dnsServer(answerOf);
    const forwarder = await start(server.port);
    const clients = Array.from({ length: 20 }, () => createSocket('udp4'));
    const answers = await Promise.all(clients.map((client) => ask(client, forwarder.port, 7)));
    for (const answer of answers) {
      expect([answer.readUInt16BE(), answer.toString('latin1').slice(-6)]).toEqual([7, 'answer']);
    }
    expect(new Set(server.seen.map((message) => message.readUInt16BE())).size).toBe(20);
    expect(await forwarder.stop()).toBe(0);
    expect(forwarder.stdout).toContain('20 answered');
    for (const client of clients) client.close();
    server.socket.close();
  });

  it('asks again, and answers SERVFAIL in the end', async () => {
    const server = await dnsServer((message, count) =>
      count === 3 ? answerOf(message) : undefined,
    );
    const forwarder = await start(server.port, '--timeout', '50', '--tries', '3');
    const client = createSocket('udp4');
    const late = await ask(client, forwarder.port, 1);
    expect(late.toString('latin1')).toMatch(/answer$/);
    const failed = await ask(client, forwarder.port, 0xabcd);
    expect([failed.readUInt16BE(), failed.readUInt16BE(2) & 0x800f]).toEqual([0xabcd, 0x8002]);
    expect(server.seen).toHaveLength(6);
    expect(await forwarder.stop()).toBe(0);
    expect(forwarder.stdout).toContain('1 answered, 4 repeated, 1 failed');
    client.close();
    server.socket.close();
  });

  it('refuses more questions than may wait, and survives garbage', async () => {
    const server = await dnsServer(() => undefined);
    const forwarder = await start(server.port, '--pending', '1', '--timeout', '60000');
    const [first, second] = [createSocket('udp4'), createSocket('udp4')];
    first.send('garbage', forwarder.port, '127.0.0.1');
    first.send(question(1), forwarder.port, '127.0.0.1');
    while (server.seen.length === 0) await once(server.socket, 'message');
    const refused = await ask(second, forwarder.port, 2);
    expect(refused.readUInt16BE(2) & 0x800f).toBe(0x8002);
    expect(await forwarder.stop()).toBe(0);
    expect(forwarder.stdout).toContain('0 answered, 0 repeated, 1 failed, 1 ignored');
    for (const socket of [first, second, server.socket]) socket.close();
  });
});
