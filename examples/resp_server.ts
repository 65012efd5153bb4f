// node examples/dist/resp_server.js            (after `npm run build`)
//
// An in-memory server for clients of Redis (https://redis.io/docs/latest/develop/reference/protocol-spec):
//
//   redis-cli -p 6379
//   redis-benchmark -p 6379 -t get,set -P 16
//   printf 'SET greeting hello\r\nGET greeting\r\n' | node examples/dist/tcp_client.js --port 6379
//
// It knows the commands in COMMANDS below, in RESP2 and, after `HELLO 3`, in RESP3. Everything that
// a client can make it keep has a limit: the length of a command, the number of its arguments, the
// memory for all keys, the subscriptions of a client, and the replies that a client does not read.
// An inline command has no quotes: its arguments are what stands between blanks.
import * as epoll from '@evloop/epoll';
import * as net from '@evloop/net';
import {
  type Connection,
  Deadline,
  type Deadlines,
  type Handler,
  type Next,
  Server,
} from '@evloop/service';
import { onSignals } from '@evloop/service/node';
import { program } from '@evloop/service/program';

const [MOST_ARGUMENTS, MOST_SUBSCRIPTIONS] = [1024, 1024];
const [LONGEST_LINE, LONGEST_PATTERN, MOST_SECONDS] = [65536, 1024, 9_999_999_999];
/** What a key costs beside its bytes and those of its value. */
const ENTRY_BYTES = 200;
/** The version of Redis whose commands these are. */
const VERSION = '7.2.0';
const [CR, LF, STAR, DOLLAR] = [0x0d, 0x0a, 0x2a, 0x24];

/** The client has broken the protocol: it is told so, and its connection ends. */
class ProtocolError extends Error {}
/** A command fails, and the connection goes on. */
class CommandError extends Error {}
const NOT_A_NUMBER = 'ERR value is not an integer or out of range';

// One buffer of requests and one of replies serve all clients. Both are empty at the end of a step.
const requests = Buffer.allocUnsafeSlow(65536);
const replies = Buffer.allocUnsafeSlow(65536);
let replied = 0;
let client: Client;

// The current command: where its arguments begin and end in `source`.
let source: Buffer = requests;
let count = 0;
const [begins, ends] = [new Int32Array(MOST_ARGUMENTS), new Int32Array(MOST_ARGUMENTS)];

/** Keys and values are any bytes. In Latin-1 each of them is one character. */
const argument = (i: number): string => source.toString('latin1', begins[i], ends[i]);

function flush(): void {
  const size = replied;
  replied = 0;
  if (size > 0 && !client.connection.closed) client.connection.send(replies, 0, size);
}

function put(text: string): void {
  const { length } = text;
  if (length > replies.length - replied) flush();
  if (length > replies.length) client.connection.send(Buffer.from(text, 'latin1'));
  else if (length > SHORT) replied += replies.write(text, replied, 'latin1');
  else for (let i = 0; i < length; i++) replies[replied++] = text.charCodeAt(i);
}
/** Up to this length, a loop copies a text faster than a call of native code. */
const SHORT = 48;

const textOf = (value: string): string => `$${value.length}\r\n${value}\r\n`;
const LENGTHS = Array.from({ length: 256 }, (_, size) => `$${size}\r\n`);
const integer = (value: number | bigint): void => put(`:${value}\r\n`);
const reply = (value: string | undefined): void => {
  if (value !== undefined) {
    put(value.length < LENGTHS.length ? (LENGTHS[value.length] as string) : `$${value.length}\r\n`);
    put(value);
    put('\r\n');
  } else put(client.resp === 3 ? '_\r\n' : '$-1\r\n');
};

function numberOf(text: string, least: number, most: number): number {
  const number = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new CommandError(NOT_A_NUMBER);
}

/** A key and its value; as a deadline, the end of its life. */
class Entry extends Deadline {
  value = '';

  readonly #store: Store;
  readonly key: string;
  slot: number;

  constructor(store: Store, key: string, slot: number) {
    super(store.deadlines);
    this.#store = store;
    this.key = key;
    this.slot = slot;
  }

  expired(): void {
    this.#store.remove(this);
  }
}

/** All keys, in slots that `SCAN` counts down: the last entry takes the slot of one that goes. */
class Store {
  readonly slots: Entry[] = [];
  readonly #entries = new Map<string, Entry>();
  readonly deadlines: Deadlines;
  readonly most: number;
  used = 0;

  constructor(deadlines: Deadlines, most: number) {
    this.deadlines = deadlines;
    this.most = most;
  }

  get(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (!entry?.pending || entry.expiry > this.deadlines.now) return entry;
    this.remove(entry);
    return undefined;
  }

  set(key: string, value: string): Entry {
    let entry = this.get(key);
    const grows = value.length - (entry ? entry.value.length : -key.length - ENTRY_BYTES);
    if (grows > 0 && this.used + grows > this.most) {
      throw new CommandError("OOM command not allowed when used memory > 'maxmemory'.");
    }
    this.used += grows;
    if (entry === undefined) {
      entry = new Entry(this, key, this.slots.length);
      this.slots.push(entry);
      this.#entries.set(key, entry);
    }
    entry.value = value;
    return entry;
  }

  remove(entry: Entry): void {
    entry.cancel();
    this.#entries.delete(entry.key);
    this.used -= entry.key.length + entry.value.length + ENTRY_BYTES;
    const last = this.slots.pop();
    if (last === undefined || last === entry) return;
    this.slots[entry.slot] = last;
    last.slot = entry.slot;
  }
}

const channels = new Map<string, Set<Client>>();

/** Whether `[set]` of a pattern has the character: `a-z` is a range, `^` the opposite. */
function inSet(set: string, char: string): boolean {
  const negative = set.startsWith('^');
  for (const [, from = '', to = from] of set.slice(Number(negative)).matchAll(IN_SET)) {
    if (from.slice(-1) <= char && char <= to.slice(-1)) return !negative;
  }
  return negative;
}
const IN_SET = /(\\?.)(?:-(\\?.))?/gs;

/** Whether `text` matches a glob pattern. The time is at most the product of their lengths. */
function matches(pattern: string, text: string): boolean {
  const parts = pattern.match(/\\.|\[(?:\\.|[^\]])*\]|./gs) ?? [];
  let [at, star, mark] = [0, -1, 0];
  for (let i = 0; i < text.length; ) {
    const part = parts[at] ?? '';
    const char = text.charAt(i);
    const set = part.length > 1 && part.startsWith('[');
    if (part === '*') {
      [star, mark] = [at++, i];
    } else if (part === '?' || (set ? inSet(part.slice(1, -1), char) : part.slice(-1) === char)) {
      at++;
      i++;
    } else {
      if (star < 0) return false;
      at = star + 1;
      i = ++mark;
    }
  }
  return parts.slice(at).every((part) => part === '*');
}

/** Where the length after `*` or `$` at `from` ends; -1 when its line is not complete. */
function lengthAt(bytes: Buffer, from: number, to: number): number {
  let at = from + 1;
  for (length = 0; at < to; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) break;
    length = Math.min(length * 10 + digit, 0x7fffffff);
  }
  if (at + 1 >= to) return -1;
  if (bytes[at] === CR && bytes[at + 1] === LF && at > from + 1) return at + 2;
  throw new ProtocolError('invalid length');
}
let length = 0;

/** Reads the command at `from`. Returns where it ends, or -1: it is not complete. */
function parse(bytes: Buffer, from: number, to: number, longest: number): number {
  source = bytes;
  count = 0;
  if (bytes[from] !== STAR) return parseInline(bytes, from, to);
  let at = lengthAt(bytes, from, to);
  const size = length;
  if (size > MOST_ARGUMENTS) throw new ProtocolError('invalid multibulk length');
  for (let i = 0; i < size; i++) {
    if (at < 0 || at >= to) return -1;
    if (bytes[at] !== DOLLAR) throw new ProtocolError("expected '$'");
    at = lengthAt(bytes, at, to);
    if (at < 0) return -1;
    begins[i] = at;
    at += length;
    ends[i] = at;
    at += 2;
    if (at - from > longest) throw new ProtocolError('invalid bulk length');
    if (at > to) return -1;
    if (bytes[at - 2] !== CR || bytes[at - 1] !== LF) throw new ProtocolError('invalid bulk end');
  }
  count = size;
  return at;
}

function parseInline(bytes: Buffer, from: number, to: number): number {
  const end = bytes.subarray(from, to).indexOf(LF);
  if ((end < 0 ? to - from : end) > LONGEST_LINE) throw new ProtocolError('too big inline request');
  if (end < 0) return -1;
  for (const word of bytes.toString('latin1', from, from + end).matchAll(/[^\s\0]+/g)) {
    if (count === MOST_ARGUMENTS) throw new ProtocolError('too many arguments');
    begins[count] = from + word.index;
    ends[count++] = from + word.index + word[0].length;
  }
  return from + end + 1;
}

type Command = readonly [name: string, least: number, most: number, run: (store: Store) => void];

const COMMANDS: readonly Command[] = [
  ['PING', 1, 2, ping],
  ['ECHO', 2, 2, () => reply(argument(1))],
  ['GET', 2, 2, (store) => reply(store.get(argument(1))?.value)],
  ['SET', 3, MOST_ARGUMENTS, set],
  ['DEL', 2, MOST_ARGUMENTS, (store) => found(store, (entry) => store.remove(entry))],
  ['EXISTS', 2, MOST_ARGUMENTS, (store) => found(store, () => {})],
  ['INCR', 2, 2, increment],
  ['MGET', 2, MOST_ARGUMENTS, getMany],
  ['EXPIRE', 3, 3, expire],
  ['TTL', 2, 2, timeToLive],
  ['SCAN', 2, 6, scan],
  ['DBSIZE', 1, 1, (store) => integer(store.slots.length)],
  ['SUBSCRIBE', 2, MOST_ARGUMENTS, subscribe],
  ['UNSUBSCRIBE', 1, MOST_ARGUMENTS, unsubscribe],
  ['PUBLISH', 3, 3, () => integer(publish(argument(1), argument(2)))],
  ['INFO', 1, MOST_ARGUMENTS, (store) => reply(information(store))],
  ['HELLO', 1, MOST_ARGUMENTS, hello],
  ['QUIT', 1, 1, () => client.quit()],
  // Clients send these when they connect. There is one database. No name is kept, and nothing can
  // be configured.
  ['SELECT', 2, 2, select],
  ['CLIENT', 2, MOST_ARGUMENTS, () => put('+OK\r\n')],
  ['CONFIG', 2, MOST_ARGUMENTS, () => put(client.resp === 3 ? '%0\r\n' : '*0\r\n')],
  ['COMMAND', 1, MOST_ARGUMENTS, () => put('*0\r\n')],
];
/** By what `tagOf` says of their names: a name that is looked up becomes no string. */
const TAGS = new Map(
  COMMANDS.map((command) => {
    const name = Buffer.from(command[0]);
    return [tagOf(name, 0, name.length), command];
  }),
);

/** The length and the first three letters of a name, in either case. */
function tagOf(bytes: Buffer, begin: number, end: number): number {
  const letters =
    (bytes[begin] ?? 0) | ((bytes[begin + 1] ?? 0) << 8) | ((bytes[begin + 2] ?? 0) << 16);
  return ((letters & 0xdfdfdf) | ((end - begin) << 24)) >>> 0;
}

/** The command whose name stands in `source`. */
function commandOf(begin: number, end: number): Command | undefined {
  const command = TAGS.get(tagOf(source, begin, end));
  const name = command?.[0] ?? '';
  for (let i = 0; i < name.length; i++) {
    if (((source[begin + i] ?? 0) & 0xdf) !== name.charCodeAt(i)) return undefined;
  }
  return name.length === end - begin ? command : undefined;
}

/** What a client of RESP2 may ask while it is subscribed. */
const SUBSCRIBED = new Set(['SUBSCRIBE', 'UNSUBSCRIBE', 'PING', 'QUIT']);

function names(from: number): string[] {
  return Array.from({ length: count - from }, (_, i) => argument(from + i));
}

function ping(): void {
  const text = count > 1 ? argument(1) : undefined;
  if (client.resp === 2 && client.channels.size > 0)
    put(`*2\r\n$4\r\npong\r\n${textOf(text ?? '')}`);
  else if (text === undefined) put('+PONG\r\n');
  else reply(text);
}

function set(store: Store): void {
  const key = argument(1);
  let [ms, only, keep] = [Infinity, '', false];
  for (let i = 3; i < count; i++) {
    const option = argument(i).toUpperCase();
    if ((option === 'EX' || option === 'PX') && i + 1 < count && ms === Infinity) {
      ms = numberOf(argument(++i), 1, MOST_SECONDS) * (option === 'EX' ? 1000 : 1);
    } else if ((option === 'NX' || option === 'XX') && only === '') only = option;
    else if (option === 'KEEPTTL') keep = true;
    else throw new CommandError('ERR syntax error');
  }
  const known = only !== '' && store.get(key) !== undefined;
  if ((only === 'NX' && known) || (only === 'XX' && !known)) {
    reply(undefined);
    return;
  }
  const entry = store.set(key, argument(2));
  if (ms < Infinity || (entry.pending && !keep)) entry.touch(ms);
  put('+OK\r\n');
}

function found(store: Store, act: (entry: Entry) => void): void {
  let size = 0;
  for (const name of names(1)) {
    const entry = store.get(name);
    if (entry === undefined) continue;
    act(entry);
    size++;
  }
  integer(size);
}

function increment(store: Store): void {
  const key = argument(1);
  const old = store.get(key)?.value ?? '0';
  if (!/^(0|-?[1-9]\d{0,18})$/.test(old)) throw new CommandError(NOT_A_NUMBER);
  const value = BigInt(old) + 1n;
  if (value !== BigInt.asIntN(64, value)) {
    throw new CommandError('ERR increment or decrement would overflow');
  }
  store.set(key, String(value));
  integer(value);
}

function getMany(store: Store): void {
  const values = names(1).map((name) => store.get(name)?.value);
  const size = values.reduce((sum, value) => sum + (value?.length ?? 0), 0);
  if (size > client.room) throw new CommandError('ERR the reply is too long');
  put(`*${values.length}\r\n`);
  for (const value of values) reply(value);
}

function expire(store: Store): void {
  const entry = store.get(argument(1));
  const seconds = numberOf(argument(2), -MOST_SECONDS, MOST_SECONDS);
  if (seconds > 0) entry?.touch(seconds * 1000);
  else if (entry !== undefined) store.remove(entry);
  integer(entry === undefined ? 0 : 1);
}

function timeToLive(store: Store): void {
  const entry = store.get(argument(1));
  if (entry === undefined) integer(-2);
  else if (!entry.pending || entry.expiry === Infinity) integer(-1);
  else integer(Math.round((entry.expiry - store.deadlines.now) / 1000));
}

function scan(store: Store): void {
  const { slots } = store;
  let [pattern, most] = ['*', 10];
  for (let i = 2; i < count; i += 2) {
    const option = argument(i).toUpperCase();
    if (i + 1 === count) throw new CommandError('ERR syntax error');
    if (option === 'MATCH') pattern = argument(i + 1);
    else if (option === 'COUNT') most = numberOf(argument(i + 1), 1, 1000);
    else throw new CommandError('ERR syntax error');
  }
  if (pattern.length > LONGEST_PATTERN) throw new CommandError('ERR the pattern is too long');
  const cursor = numberOf(argument(1), 0, Number.MAX_SAFE_INTEGER);
  let at = Math.min(cursor === 0 ? Infinity : cursor, slots.length);
  const keys: string[] = [];
  for (let bytes = 0; at > 0 && most > 0 && bytes < LONGEST_LINE; most--) {
    const { key } = slots[--at] as Entry;
    bytes += key.length;
    if (store.get(key) !== undefined && matches(pattern, key)) keys.push(textOf(key));
  }
  put(`*2\r\n${textOf(String(at))}*${keys.length}\r\n${keys.join('')}`);
}

function subscribe(): void {
  for (const name of names(1)) client.subscribe(name);
}

function unsubscribe(): void {
  if (count > 1) for (const name of names(1)) client.unsubscribe(name);
  else if (client.channels.size === 0) client.tell('unsubscribe', undefined);
  else for (const name of client.channels) client.unsubscribe(name);
}

function publish(name: string, text: string): number {
  const subscribers = channels.get(name) ?? new Set();
  const message = `3\r\n$7\r\nmessage\r\n${textOf(name)}${textOf(text)}`;
  const [array, push] = [
    Buffer.from(`*${message}`, 'latin1'),
    Buffer.from(`>${message}`, 'latin1'),
  ];
  flush();
  for (const each of subscribers) each.connection.post(each.resp === 3 ? push : array);
  return subscribers.size;
}

function hello(): void {
  const version = count > 1 ? argument(1) : String(client.resp);
  if (version !== '2' && version !== '3') {
    throw new CommandError('NOPROTO unsupported protocol version');
  }
  client.resp = Number(version);
  const fields = { server: 'redis', version: VERSION, mode: 'standalone', role: 'master' };
  const texts = Object.entries(fields).flat().map(textOf).join('');
  put(`${client.resp === 3 ? '%7' : '*14'}\r\n${texts}`);
  put(
    `${textOf('proto')}:${version}\r\n${textOf('id')}:${client.id}\r\n${textOf('modules')}*0\r\n`,
  );
}

function select(): void {
  if (argument(1) !== '0') throw new CommandError('ERR DB index is out of range');
  put('+OK\r\n');
}

function information({ slots, used, most }: Store): string {
  const { pid, uptime } = process;
  const server = [`redis_version:${VERSION}`, `process_id:${pid}`];
  return [
    ...['# Server', ...server, `uptime_in_seconds:${Math.floor(uptime())}`],
    ...['# Clients', `connected_clients:${clients}`, '# Persistence', 'loading:0'],
    ...['# Memory', `used_memory:${used}`, `maxmemory:${most}`],
    ...['# Stats', `total_connections_received:${ids}`, `total_commands_processed:${commands}`],
    ...['# Keyspace', `db0:keys=${slots.length}`, ''],
  ].join('\r\n');
}

let [ids, clients, commands] = [0, 0, 0];

/** One connection. */
class Client implements Handler {
  resp = 2;
  readonly id = ++ids;
  readonly channels = new Set<string>();
  #over = false;
  /** The beginning of a command, while the rest has not arrived; or commands that must wait. */
  #held = Buffer.alloc(0);
  #size = 0;

  readonly connection: Connection;
  readonly #store: Store;
  readonly #longest: number;

  constructor(connection: Connection, store: Store, longest: number) {
    this.connection = connection;
    this.#store = store;
    this.#longest = longest;
    clients++;
  }

  /** How many bytes may be replied before the client has read some. */
  get room(): number {
    return this.connection.outbox.limit - this.connection.outbox.bufferedAmount - replies.length;
  }

  step(): Next {
    client = this;
    if (this.#size > 0) this.#serveHeld();
    return this.connection.receive(requests, this.#take);
  }

  drain(): void {
    this.#over = true;
    this.connection.outbox.end();
  }

  closed(): void {
    this.#over = true;
    clients--;
    this.#leave();
  }

  quit(): void {
    put('+OK\r\n');
    flush();
    this.drain();
  }

  tell(what: string, name: string | undefined): void {
    put(`${this.resp === 3 ? '>' : '*'}3\r\n${textOf(what)}`);
    reply(name);
    integer(this.channels.size);
  }

  subscribe(name: string): void {
    if (this.channels.size >= MOST_SUBSCRIPTIONS) throw new CommandError('ERR too many channels');
    this.channels.add(name);
    const members = channels.get(name) ?? new Set();
    channels.set(name, members.add(this));
    this.tell('subscribe', name);
  }

  unsubscribe(name: string): void {
    this.#forget(name);
    this.tell('unsubscribe', name);
  }

  #leave(): void {
    for (const name of this.channels) this.#forget(name);
  }

  #forget(name: string): void {
    this.channels.delete(name);
    const members = channels.get(name);
    if (members?.delete(this) && members.size === 0) channels.delete(name);
  }

  readonly #take = (size: number): void => {
    if (this.#over) return;
    if (this.#size === 0) this.#hold(requests, this.#serve(requests, 0, size), size);
    else {
      this.#hold(requests, 0, size);
      this.#serveHeld();
    }
  };

  #serveHeld(): void {
    const size = this.#size;
    const at = this.#serve(this.#held, 0, size);
    this.#held.copyWithin(0, at, size);
    this.#size = size - at;
    if (this.#size === 0) this.#held = Buffer.alloc(0);
  }

  #hold(bytes: Buffer, from: number, to: number): void {
    const size = this.#size + to - from;
    if (size > this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(size, 2 * this.#held.length));
      this.#held.copy(larger, 0, 0, this.#size);
      this.#held = larger;
    }
    bytes.copy(this.#held, this.#size, from, to);
    this.#size = size;
  }

  /** Runs the commands in `bytes`, and returns where the first begins that has not run. */
  #serve(bytes: Buffer, from: number, to: number): number {
    const { connection } = this;
    let at = from;
    try {
      while (at < to && !this.#over && !connection.outbox.needsDrain) {
        const end = parse(bytes, at, to, this.#longest);
        if (end < 0) break;
        at = end;
        if (count > 0) this.#run();
      }
      flush();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      flush();
      this.#over = true;
      this.#leave();
      connection.refuse(Buffer.from(`-ERR Protocol error: ${error.message}\r\n`), error);
    }
    return this.#over ? to : at;
  }

  #run(): void {
    commands++;
    const command = commandOf(begins[0] ?? 0, ends[0] ?? 0);
    try {
      if (command === undefined) throw new CommandError(`ERR unknown command '${shown()}'`);
      const [name, least, most, run] = command;
      if (count < least || count > most) {
        throw new CommandError(`ERR wrong number of arguments for '${name}' command`);
      }
      if (this.resp === 2 && this.channels.size > 0 && !SUBSCRIBED.has(name)) {
        throw new CommandError(`ERR Can't execute '${name}' while subscribed`);
      }
      run(this.#store);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      put(`-${error.message}\r\n`);
    }
  }
}

const shown = (): string =>
  argument(0)
    .slice(0, 64)
    .replaceAll(/[^ -~]/g, '?');

const options = {
  clients: { value: 10_000, about: 'the most clients at a time; others wait' },
  idle: { value: 86_400, about: 'seconds until an idle client is closed' },
  memory: { value: 256, about: 'MiB that all keys may take', most: 65_536 },
  'max-command': { value: 1_048_576, about: 'the longest command, in bytes', most: 0x10000000 },
  queue: { value: 8_388_608, about: 'bytes that may wait for a slow client' },
  drain: { value: 10, about: 'seconds until a drain cuts clients off' },
};
const usage = { about: 'An in-memory server for clients of Redis.', port: 6379, options };
await program({ ...usage, backends: { epoll, net } }, async (it) => {
  const listener = await it.listen();
  const { own, loop, log } = it;
  const store = new Store(loop.deadlines, own.memory * 0x100000);
  const open = (connection: Connection) => new Client(connection, store, own['max-command']);
  const server = new Server(loop, [listener], open, {
    maxConnections: own.clients,
    idleTimeout: own.idle * 1000,
    outbox: { limit: Math.max(own.queue, 0x20000) },
    log,
  });
  onSignals(server, { SIGTERM: 'drain', SIGINT: 'stop' }, { deadlineMs: own.drain * 1000 });
  await loop.run();
});
