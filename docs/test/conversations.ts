import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Program } from '../../examples/test/program.ts';
import type { Block } from '../src/blocks.mjs';
import { Visitor } from './visitor.ts';

/**
 * What is done with a server of the documentation while it runs. It fails when the server does not
 * do what the text says.
 */
export type Conversation = (server: Program, port: number) => Promise<void>;

const echo: Conversation = async (_, port) => {
  const [first, second] = [await Visitor.to(port), await Visitor.to(port)];
  first.say('hello\n');
  await first.sees(/^hello\n$/);
  // A reset is that client's affair.
  first.socket.resetAndDestroy();
  second.say('still there\n');
  await second.sees(/^still there\n$/);
  second.socket.destroy();
};

const capitals: Conversation = async (_, port) => {
  const [first, second] = [await Visitor.to(port), await Visitor.to(port)];
  first.say('hello\n');
  await first.sees(/^HELLO\n$/);
  first.socket.resetAndDestroy();
  second.say('still there\n');
  await second.sees(/^STILL THERE\n$/);
  second.socket.destroy();
};

const datagramEcho: Conversation = async (_, port) => {
  const socket = createSocket('udp4');
  const answer = once(socket, 'message');
  socket.send('hello', port, '127.0.0.1');
  const [message] = await answer;
  socket.close();
  if (String(message) !== 'hello') throw new Error(`it answered ${message}`);
};

/** The broadcast of the tutorial's last two steps: every line to all others, however it arrives. */
const broadcast: Conversation = async (server, port) => {
  const [a, b, c] = [await Visitor.to(port), await Visitor.to(port), await Visitor.to(port)];
  for (const each of [a, b, c]) await each.sees(/^Hello!\n$/);
  a.say('one\ntwo\nth');
  await b.sees(/^Hello!\none\ntwo\n$/);
  a.say('ree\n');
  for (const each of [b, c]) await each.sees(/^Hello!\none\ntwo\nthree\n$/);
  c.socket.end();
  await server.printed(/client 3 is gone: it has hung up/);
  b.say(`${'x'.repeat(5000)}\n`);
  await server.printed(/client 2 is gone: its line is too long/);
  if (a.seen !== 'Hello!\n') throw new Error(`the sender got its own lines: ${a.seen}`);
  a.socket.destroy();
};

/**
 * One visitor stops reading, another sends until that one is sent away; a third hears everything,
 * before more is sent.
 */
const flood: Conversation = async (server, port) => {
  const deaf = await Visitor.to(port);
  await deaf.sees(/^Hello!\n$/);
  deaf.socket.pause();
  const [loud, ears] = [await Visitor.to(port), await Visitor.to(port)];
  await ears.sees(/^Hello!\n$/);
  const line = `${'x'.repeat(1000)}\n`.repeat(1000);
  const slow = /client \d+ is gone: it reads too slowly/g;
  while (!slow.test(server.stdout)) {
    ears.seen = '';
    loud.say(line);
    await ears.hears(line.length);
  }
  await ears.sees(/x\n$/);
  loud.say('and so on\n');
  await ears.sees(/and so on\n$/);
  if (server.stdout.match(slow)?.length !== 1) throw new Error(`it said: ${server.stdout}`);
};

/** By document and how often a program with that name has come: the tutorial has six servers. */
const CONVERSATIONS: Record<string, Conversation> = {
  'README.md server.ts 1': echo,
  'README.md server.ts 2': datagramEcho,
  'packages/service/README.md server.ts 1': echo,
  'packages/streams/README.md server.ts 1': capitals,
  'docs/tutorial.md server.ts 1': async (server, port) => {
    const visitor = await Visitor.to(port);
    await visitor.sees(/^Hello and goodbye!\n$/);
    await visitor.isSentAway();
    await server.printed(/a client has come/);
  },
  'docs/tutorial.md server.ts 2': async (server, port) => {
    const [a, b] = [await Visitor.to(port), await Visitor.to(port)];
    await a.sees(/^Hello, you are number 1 of 1\.\n$/);
    await b.sees(/^Hello, you are number 2 of 2\.\n$/);
    b.say('hello\n');
    await server.printed(/client 2 has something to say/);
  },
  'docs/tutorial.md server.ts 3': async (server, port) => {
    const [a, b] = [await Visitor.to(port), await Visitor.to(port)];
    a.say('hello\n');
    await server.printed(/client 1 has sent 6 bytes/);
    a.socket.resetAndDestroy();
    await server.printed(/client 1 is gone: .*ECONNRESET/);
    b.socket.end();
    await server.printed(/client 2 is gone: it has hung up/);
  },
  'docs/tutorial.md server.ts 4': async (server, port) => {
    const [a, b] = [await Visitor.to(port), await Visitor.to(port)];
    a.say('one\r\ntwo\nth');
    await server.printed(/client 1 says: one\nclient 1 says: two\n/);
    a.say('ree\n');
    await server.printed(/client 1 says: three\n/);
    b.say(`${'x'.repeat(5000)}\n`);
    await server.printed(/client 2 is gone: its line is too long/);
  },
  'docs/tutorial.md server.ts 5': broadcast,
  'docs/tutorial.md server.ts 6': async (server, port) => {
    await broadcast(server, port);
    await flood(server, port);
  },
  'packages/udp/README.md server.ts 1': datagramEcho,
  'packages/create-evloop/README.md server.ts 1': datagramEcho,
};

/** The conversation with each program that is a server; the others end by themselves. */
export function conversationOf(
  program: Block,
  programs: readonly Block[],
): Conversation | undefined {
  const alike = programs.filter(({ file, name }) => file === program.file && name === program.name);
  const key = `${program.file} ${program.name} ${alike.indexOf(program) + 1}`;
  const conversation = CONVERSATIONS[key];
  if (program.name === 'server.ts' && conversation === undefined) {
    throw new Error(`docs/test/conversations.ts does not say how to talk to ${key}`);
  }
  return conversation;
}
