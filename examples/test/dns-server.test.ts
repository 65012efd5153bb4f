import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { onlyIf } from '@evloop/testing';
import { type DecodedPacket, decode, encode, streamEncode } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { BIG, exampleZone, zoneFile } from './dns-zone.ts';
import { built, connected, Program, received, startServer, ways } from './program.ts';

const zone = exampleZone();

type Question = { readonly name: string; readonly type: 'A' | 'AAAA' | 'TXT' };
const query = (question: Question, id = 7): Buffer =>
  encode({ type: 'query', id, questions: [question] });

/** Asks over UDP, and resolves to the answer and where it came from. */
async function ask(
  port: number,
  bytes: Buffer,
  at = '127.0.0.1',
): Promise<{ answer: DecodedPacket; from: RemoteInfo }> {
  const socket = createSocket('udp4');
  const answered = once(socket, 'message');
  const send = (): void => socket.send(bytes, port, at);
  // The queue of a server that is flooded may be full: a datagram may be lost, as any client knows.
  const again = setInterval(send, 500);
  send();
  const [message, from] = (await answered) as [Buffer, RemoteInfo];
  clearInterval(again);
  socket.close();
  return { answer: decode(message), from };
}

/** Asks over one TCP connection, and resolves to all answers until its end. */
async function askAll(port: number, bytes: Buffer): Promise<DecodedPacket[]> {
  const socket = await connected(port);
  const all = received(socket);
  socket.end(bytes);
  const answers: DecodedPacket[] = [];
  const stream = await all;
  for (let at = 0; at < stream.length; ) {
    const next = at + 2 + stream.readUInt16BE(at);
    answers.push(decode(stream.subarray(at + 2, next)));
    at = next;
  }
  return answers;
}

describe.each(ways)('dns_server on %s, %s', (backend, wait) => {
  const args = ['--backend', backend, '--wait', wait, '--zone', zone, '--quiet'];

  it('answers, and marks what does not fit a datagram as truncated', async () => {
    const server = await startServer('dns_server', args);
    const www = await ask(server.port, query({ name: 'WWW.Example.com', type: 'A' }));
    expect(www.answer).toMatchObject({
      id: 7,
      rcode: 'NOERROR',
      flag_aa: true,
      questions: [{ name: 'WWW.Example.com', type: 'A' }],
      answers: [{ name: 'www.example.com', type: 'A', ttl: 60, data: '192.0.2.2' }],
    });
    const big = { name: 'big.example.com', type: 'A' } as const;
    const { answer } = await ask(server.port, query(big));
    expect([answer.flag_tc, answer.answers]).toEqual([true, []]);
    const twice = streamEncode({ type: 'query', id: 1, questions: [big] });
    const answers = await askAll(server.port, Buffer.concat([twice, twice, twice]));
    expect(answers.map((one) => [one.flag_tc, one.answers?.length])).toEqual(
      Array(3).fill([false, BIG]),
    );
    expect(await server.stop()).toBe(0);
    expect(server.stderr).toBe('');
  });

  it('ends a chain of aliases that leads nowhere', async () => {
    const server = await startServer('dns_server', args);
    const { answer } = await ask(server.port, query({ name: 'loop.example.com', type: 'A' }));
    expect(answer).toMatchObject({ rcode: 'NOERROR', answers: { length: 8 } });
    expect(await server.stop('SIGINT')).toBe(0);
  });

  it(
    'answers from the address that was asked',
    onlyIf(backend !== 'net', 'net has no supports.packetInfo'),
    async () => {
      const server = await startServer('dns_server', [...args, '--host', '0.0.0.0']);
      const question = query({ name: 'www.example.com', type: 'AAAA' });
      const { from } = await ask(server.port, question, '127.0.0.3');
      expect(from.address).toBe('127.0.0.3');
      expect(await server.stop()).toBe(0);
    },
  );

  it('survives 20,000 damaged messages over UDP, and cut ones over TCP', async () => {
    const server = await startServer('dns_server', args);
    const good = query({ name: 'www.example.com', type: 'A' });
    let seed = 1;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      return (seed >> 8) % below;
    };
    const socket = createSocket('udp4');
    let answers = 0;
    socket.on('message', () => answers++);
    const before = server.memory();
    for (let i = 0; i < 20_000; i++) {
      const bad = Buffer.concat([good, Buffer.alloc(random(40), random(256))]);
      for (let k = random(6); k >= 0; k--) bad[random(bad.length)] = random(256);
      const message = bad.subarray(0, random(bad.length + 1));
      await new Promise((sent) => socket.send(message, server.port, '127.0.0.1', sent));
    }
    for (let i = 0; i < 50; i++) {
      const client = await connected(server.port);
      client.end(Buffer.concat([Buffer.of(random(2), random(256)), good.subarray(0, random(30))]));
      client.destroy();
    }
    const { answer } = await ask(server.port, good);
    expect(answer.answers?.length).toBe(1);
    expect(answers).toBeGreaterThan(0);
    expect(server.memory() - before).toBeLessThan(60);
    socket.close();
    expect(await server.stop()).toBe(0);
    expect(server.stderr).toBe('');
  });

  it('closes a TCP client that says nothing', async () => {
    const server = await startServer('dns_server', [...args, '--idle', '1']);
    const client = await connected(server.port);
    expect(await received(client)).toHaveLength(0);
    expect(await server.stop()).toBe(0);
  });

  it.each([
    ['no SOA', 'www 60 IN A 192.0.2.1\n', / has no SOA record\n$/],
    ['a bad address', '@ 60 IN SOA a b 1 2 3 4 5\n@ 60 IN A 1.2.3\n', /cannot use .* A 1\.2\.3: /],
    ['a bad number', '@ 60 IN SOA a b 1 2 3 4 5\n@ 60 IN MX x y\n', /invalid number: 'x'/],
    ['a type that it lacks', '@ 60 IN SOA a b 1 2 3 4 5\n@ 60 IN LOC 1\n', /type is not supported/],
  ])('says in one line what is wrong with a zone of %s, and exits with 1', async (...row) => {
    const [kind, text, reason] = row;
    const file = zoneFile(`${kind}.zone`, `$ORIGIN example.com.\n${text}`);
    const options = ['--backend', backend, '--wait', wait, '--zone', file];
    const program = new Program(process.execPath, [built('dns_server'), ...options]);
    expect(await program.ended).toBe(1);
    expect(program.stderr).toMatch(reason);
    expect(program.stderr.split('\n').length).toBe(2);
  });
});
