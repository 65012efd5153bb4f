// node examples/dist/dns_server.js --zone FILE            (after `npm run build`)
//
// An authoritative DNS server for one zone, over UDP and TCP (RFC 1034, 7766, 6891). Datagrams come
// and go in batches, and each answer leaves from the address that the client asked. What does not
// fit a datagram is marked as truncated, and the client asks again over TCP.
import { readFileSync } from 'node:fs';
import { isIPv4, isIPv6 } from 'node:net';
import {
  DatagramBatch,
  formatSocketAddress,
  Interest,
  type SocketAddress,
  type TcpListener,
  type UdpSocket,
  WouldBlock,
} from '@evloop/core';
import * as epoll from '@evloop/epoll';
import * as net from '@evloop/net';
import { type Connection, isSystemError, Server } from '@evloop/service';
import { onSignals } from '@evloop/service/node';
import { Failure, program, reason } from '@evloop/service/program';
import { type Answer, encode } from 'dns-packet';
import { parseZone } from 'dnsz';

const TYPES = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  CAA: 257,
};
const [NS, CNAME, SOA, ANY, OPT, IN] = [2, 5, 6, 255, 41, 1];
const [FORMERR, NXDOMAIN, NOTIMP, REFUSED] = [1, 3, 4, 5];
const [QR, AA, TC, OPCODE, RD] = [0x8000, 0x400, 0x200, 0x7800, 0x100];
const CACHED = 4096;
type Sets = Map<number, Answer[]>;
/** Everything after the question, whose names are not compressed, so that it fits any question. */
type Sections = { flags: number; counts: [number, number, number]; bytes: Uint8Array };

class Zone {
  readonly #names = new Map<string, Sets>();
  readonly #cache = new Map<string, Sections>();
  readonly origin: string;
  records = 0;

  constructor(file: string) {
    const { records } = parseZone(readFileSync(file, 'utf8'));
    this.origin = records.find(({ type }) => type === 'SOA')?.name ?? '';
    if (this.origin === '') throw new Failure(`${file} has no SOA record`);
    for (const { name, type, ttl, content } of records) {
      const number = TYPES[type as keyof typeof TYPES];
      try {
        if (number === undefined) throw new Error('the type is not supported');
        if (!within(name, this.origin)) throw new Error(`it is not in ${this.origin}`);
        const one = { name, type, ttl, class: 'IN', data: this.#data(type, content) } as Answer;
        encode({ type: 'response', answers: [one] });
        const sets = this.#sets(name);
        sets.set(number, [...(sets.get(number) ?? []), one]);
        this.records++;
      } catch (error) {
        throw new Failure(`${file}: cannot use ${name} ${type} ${content}: ${reason(error)}`);
      }
    }
  }

  /** The records of a name, and of the empty names above it. */
  #sets(name: string): Sets {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    if (name !== this.origin) this.#sets(parent(name));
    const sets: Sets = new Map();
    this.#names.set(name, sets);
    return sets;
  }

  #data(type: string, content: string): unknown {
    const words = content.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
    const texts = words.map((word) => word.replace(/^"(.*)"$/s, '$1').replace(/\\(.)/gs, '$1'));
    const [a = '', b = '', c = '', d = ''] = texts;
    const name = (text: string): string =>
      text === '@'
        ? this.origin
        : text.endsWith('.')
          ? text.slice(0, -1)
          : `${text}.${this.origin}`;
    if (type === 'TXT') return texts;
    if (type === 'MX') return { preference: number(a), exchange: name(b) };
    if (type === 'CAA') return { flags: number(a, 255), tag: b, value: c };
    if (type === 'SRV')
      return { priority: number(a), weight: number(b), port: number(c), target: name(d) };
    if (type === 'SOA') {
      const [serial, ...times] = texts.slice(2).map((text) => number(text, 0xffffffff));
      const [refresh = 0, retry = 0, expire = 0, minimum = 0] = times;
      return { mname: name(a), rname: name(b), serial, refresh, retry, expire, minimum };
    }
    if (type !== 'A' && type !== 'AAAA') return name(a);
    if (type === 'A' ? isIPv4(a) : isIPv6(a)) return a;
    throw new Error('the address is invalid');
  }

  /** What to say about a name, in lower case. */
  answer(name: string, type: number): Sections {
    const key = `${type} ${name}`;
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    if (this.#cache.size >= CACHED) this.#cache.clear();
    const made = this.#make(name, type);
    this.#cache.set(key, made);
    return made;
  }

  #make(name: string, type: number): Sections {
    if (!within(name, this.origin)) return sections(REFUSED);
    const answers: Answer[] = [];
    for (let asked = name, i = 0; i < 8; i++) {
      const cut = this.#cut(asked);
      if (cut !== undefined) return sections(i > 0 ? AA : 0, answers, cut, this.#glue(cut));
      const sets = this.#find(asked);
      const found = type === ANY ? sets?.values().next().value : sets?.get(type);
      const alias = found === undefined ? sets?.get(CNAME)?.[0] : undefined;
      for (const one of found ?? (alias && [alias]) ?? [])
        answers.push({ ...one, name: asked } as Answer);
      if (found !== undefined) return sections(AA, answers);
      if (alias === undefined)
        return sections(AA | (sets === undefined ? NXDOMAIN : 0), answers, this.#soa());
      asked = String(alias.type === 'CNAME' && alias.data).toLowerCase();
      if (!within(asked, this.origin)) break;
    }
    return sections(AA, answers);
  }

  /** The name servers of the part of the zone that a name is in, if that is delegated. */
  #cut(name: string): Answer[] | undefined {
    let cut: Answer[] | undefined;
    for (let at = name; at !== this.origin; at = parent(at))
      cut = this.#names.get(at)?.get(NS) ?? cut;
    return cut;
  }

  /** The addresses of name servers that the zone itself knows. */
  #glue(servers: readonly Answer[]): Answer[] {
    return servers.flatMap((one) => {
      const sets = one.type === 'NS' ? this.#names.get(one.data.toLowerCase()) : undefined;
      return [...(sets?.get(TYPES.A) ?? []), ...(sets?.get(TYPES.AAAA) ?? [])];
    });
  }

  /** The records of a name, or of the wildcard that covers it: RFC 4592. */
  #find(name: string): Sets | undefined {
    let at = name;
    while (!this.#names.has(at)) at = parent(at);
    return this.#names.get(at === name ? name : `*.${at}`);
  }

  /** The SOA record, with the time that a negative answer is kept: RFC 2308. */
  #soa(): Answer[] {
    const [soa] = this.#names.get(this.origin)?.get(SOA) ?? [];
    if (soa?.type !== 'SOA') return [];
    return [{ ...soa, ttl: Math.min(soa.ttl ?? 0, soa.data.minimum ?? 0) }];
  }
}

/** @throws Error: the text is not an integer from 0 to `most`. */
function number(text: string, most = 0xffff): number {
  const value = /^\d+$/.test(text) ? Number(text) : Infinity;
  if (value > most) throw new Error(`invalid number: '${text}' (expected 0 to ${most})`);
  return value;
}

const parent = (name: string): string => name.slice(name.indexOf('.') + 1 || name.length);
const within = (name: string, origin: string): boolean =>
  name === origin || name.endsWith(`.${origin}`);

function sections(
  flags: number,
  answers: Answer[] = [],
  authorities: Answer[] = [],
  additionals: Answer[] = [],
): Sections {
  const counts: Sections['counts'] = [answers.length, authorities.length, additionals.length];
  const message = encode({ type: 'response', answers, authorities, additionals });
  return { flags, counts, bytes: message.subarray(HEADER) };
}

const HEADER = 12;
const REPLY = Buffer.alloc(65_537);
/** Where the question of the last message ends. */
let end = HEADER;

/** The name of the question, in lower case; `undefined` when the message is malformed. */
function nameOf(query: Buffer): string | undefined {
  const labels: string[] = [];
  let at = HEADER;
  for (let size = query[at++]; size !== 0; size = query[at++]) {
    if (size === undefined || size > 63 || at + size >= query.length) return undefined;
    const label = query.toString('latin1', at, at + size).toLowerCase();
    labels.push(label.replaceAll('.', '\\.')); // A dot in a label separates nothing.
    at += size;
  }
  end = at + 4;
  const name = labels.join('.');
  return end > query.length || end - HEADER > 259 ? undefined : name;
}

/** Writes the answer to `query` to `REPLY`. Returns its length, or 0: there is none. */
function respond(zone: Zone, query: Buffer, most: number, overTcp: boolean): number {
  if (query.length < HEADER) return 0;
  const flags = query.readUInt16BE(2);
  if ((flags & QR) !== 0) return 0;
  const name = query.readUInt16BE(4) === 1 ? nameOf(query) : undefined;
  const asked = name === undefined ? HEADER : end;
  // A pseudo-record of EDNS: the root, OPT, the size of datagrams, and a version: RFC 6891.
  const edns =
    name !== undefined &&
    query.readUInt16BE(10) > 0 &&
    query.length >= end + 11 &&
    query[end] === 0 &&
    query.readUInt16BE(end + 1) === OPT;
  const size = edns ? Math.max(512, Math.min(most, query.readUInt16BE(end + 3))) : 512;
  const badVersion = edns && query[end + 6] !== 0;
  let said: Sections;
  if ((flags & OPCODE) !== 0) said = sections(NOTIMP);
  else if (name === undefined) said = sections(FORMERR);
  else if (badVersion) said = sections(0);
  else if (query.readUInt16BE(end - 2) !== IN) said = sections(REFUSED);
  else said = zone.answer(name, query.readUInt16BE(end - 4));
  let { counts } = said;
  query.copy(REPLY, 0, 0, asked);
  const cut = asked + said.bytes.length + (edns ? 11 : 0) > (overTcp ? 65_535 : size);
  if (cut) counts = [0, 0, 0];
  let at = asked;
  if (!cut) {
    REPLY.set(said.bytes, at);
    at += said.bytes.length;
  }
  REPLY.writeUInt16BE(QR | (flags & (OPCODE | RD)) | said.flags | (cut ? TC : 0), 2);
  REPLY.writeUInt16BE(name === undefined ? 0 : 1, 4);
  REPLY.writeUInt16BE(counts[0], 6);
  REPLY.writeUInt16BE(counts[1], 8);
  REPLY.writeUInt16BE(counts[2] + (edns ? 1 : 0), 10);
  if (edns) {
    REPLY.set([0, 0, OPT, most >> 8, most & 255, badVersion ? 1 : 0, 0, 0, 0, 0, 0], at);
    at += 11;
  }
  return at;
}

/** UDP: a batch of questions, and a batch of answers. */
class Datagrams {
  readonly counts = { questions: 0, dropped: 0 };
  readonly #questions = new DatagramBatch({ capacity: 64, slotSize: 4096 });
  readonly #answers: DatagramBatch;
  readonly #zone: Zone;
  readonly #socket: UdpSocket;
  readonly #most: number;

  constructor(zone: Zone, socket: UdpSocket, most: number) {
    this.#zone = zone;
    this.#socket = socket;
    this.#most = most;
    this.#answers = new DatagramBatch({ capacity: 64, slotSize: most });
  }

  /** Answers a bounded number of batches. Returns whether there may be more. */
  turn(): boolean {
    for (let i = 0; i < 8; i++) {
      if (this.#attempt(() => this.#socket.recvBatch(this.#questions)) === WouldBlock) return false;
      this.#answers.clear();
      for (let k = 0; k < this.#questions.length; k++) {
        const { buffer, byteOffset, length } = this.#questions.view(k);
        const query = Buffer.from(buffer, byteOffset, length);
        const size = respond(this.#zone, query, this.#most, false);
        if (size > 0) this.#answers.pushTo(REPLY.subarray(0, size), this.#questions, k);
        this.counts.questions++;
      }
      this.#send();
    }
    return true;
  }

  #send(): void {
    const answers = this.#answers;
    while (answers.sent < answers.length) {
      if (this.#attempt(() => this.#socket.sendBatch(answers)) !== WouldBlock) continue;
      this.counts.dropped += answers.length - answers.sent;
      return;
    }
  }

  /** A system error concerns one datagram, and the socket goes on. */
  #attempt<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.counts.dropped++;
      return undefined;
    }
  }
}

const arrived = Buffer.alloc(65_536);

/** TCP: each message has its length in front. Questions may be pipelined. */
class Client {
  readonly #connection: Connection;
  readonly #zone: Zone;
  readonly #most: number;
  #rest: Buffer = Buffer.alloc(0);
  #draining = false;

  constructor(connection: Connection, zone: Zone, most: number) {
    this.#connection = connection;
    this.#zone = zone;
    this.#most = most;
  }

  step = (): 'wait' | 'again' | 'end' => {
    const next = this.#connection.receive(arrived, (size) => this.#take(size));
    return this.#draining && next === 'wait' ? 'end' : next;
  };

  drain(): void {
    this.#draining = true;
  }

  #take(size: number): void {
    const bytes = arrived.subarray(0, size);
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    for (; all.length - at >= 2; ) {
      const next = at + 2 + all.readUInt16BE(at);
      if (next > all.length) break;
      const length = respond(this.#zone, all.subarray(at + 2, next), this.#most, true);
      if (length === 0) {
        this.#connection.close();
        return;
      }
      if (!this.#connection.post(Buffer.of(length >> 8, length & 255))) return;
      if (!this.#connection.post(REPLY, 0, length)) return;
      at = next;
    }
    this.#rest = Buffer.from(all.subarray(at));
  }
}

const options = {
  zone: { value: '', hint: 'FILE', about: 'the zone, as RFC 1035 writes it' },
  'udp-size': { value: 1232, about: 'the longest answer over UDP', most: 4096 },
  clients: { value: 1000, about: 'the most TCP clients at a time; others wait' },
  idle: { value: 10, about: 'seconds until an idle TCP client is closed' },
  queue: { value: 262_144, about: 'bytes that may wait for a slow TCP client' },
  drain: { value: 5, about: 'seconds that TCP clients have after SIGTERM' },
};
const usage = { about: 'Answers for a DNS zone.', port: 5300, options };
await program({ ...usage, backends: { epoll, net } }, async (it) => {
  const { loop, own, backend } = it;
  if (own.zone === '') throw new Failure('--zone is missing');
  let zone: Zone;
  try {
    zone = new Zone(own.zone);
  } catch (error) {
    if (error instanceof Failure || !isSystemError(error)) throw error;
    throw new Failure(`cannot read ${own.zone}: ${reason(error)}`);
  }
  const most = Math.max(512, own['udp-size']);
  const told = backend.supports.udpPacketInfo ? { packetInfo: true } : {};
  let listener: TcpListener;
  let socket: UdpSocket;
  let at: SocketAddress = it.address;
  try {
    listener = await backend.TcpListener.bind(at);
    at = listener.localAddr(); // The same port: the system chose one where 0 was asked for.
    socket = await backend.UdpSocket.bind(at, { socket: { ...told, recvBufferSize: 1 << 20 } });
  } catch (error) {
    throw new Failure(`cannot listen on ${formatSocketAddress(at)}: ${reason(error)}`);
  }
  const datagrams = new Datagrams(zone, socket, most);
  const attachment = loop.attach(socket, Interest.READABLE, () => {
    if (datagrams.turn()) attachment.wake();
  });
  const open = (connection: Connection): Client => new Client(connection, zone, most);
  const server = new Server(loop, [listener], open, {
    maxConnections: own.clients,
    idleTimeout: own.idle * 1000,
    outbox: { limit: Math.max(own.queue, 0x20000) },
    log: it.log,
  });
  onSignals(server, { SIGTERM: 'drain', SIGINT: 'stop' }, { deadlineMs: own.drain * 1000 });
  it.listensOn(formatSocketAddress(at));
  it.hint(`${zone.records} records of ${zone.origin}`);
  await loop.run();
  const { questions, dropped } = datagrams.counts;
  it.hint(`${questions} datagrams, ${dropped} answers dropped`);
  attachment.detach();
  socket.close();
});
