// node examples/dist/udp_relay.js 127.0.0.1:9000 127.0.0.1:4433            (Linux)
//
// Forwards datagrams, as of QUIC, to a server, and its answers back. The kernel joins them on their
// way in (GRO) and cuts them on their way out (GSO), with their ECN. An answer leaves from the
// address that the client asked. Each client has its own socket to the server. Nothing is copied.
import {
  DatagramBatch,
  Events,
  formatSocketAddress,
  Interest,
  Poll,
  Token,
  UdpSocket,
  WouldBlock,
} from '@evloop/epoll';

/** With one client more, the oldest one is forgotten. */
const MOST_CLIENTS = 512;
const OPTIONS = { recvTos: true, recvBufferSize: 4 << 20, sendBufferSize: 4 << 20 };

interface Session {
  readonly token: Token;
  readonly socket: UdpSocket;
  /** One message, with the address of the client and the one that it asked. */
  readonly client: DatagramBatch;
}

const [at = '127.0.0.1:9000', server = '127.0.0.1:4433'] = process.argv.slice(2);
const poll = new Poll();
const front = UdpSocket.bind(at, { socket: { ...OPTIONS, packetInfo: true } });
front.setCoalescing(true);
poll.registry.register(front, Token(0), Interest.READABLE);
const byClient = new Map<string, Session>();
const byToken = new Map<Token, Session>();
const batch = new DatagramBatch({ capacity: 16, slotSize: 65_535 });
const owners: Session[] = [];
let nextToken = 1;

/** The session of the client that sent message `i`: most often that of the message before. */
function sessionOf(i: number): Session {
  const before = owners[Math.max(i - 1, 0)];
  if (before?.client.sameAddress(0, batch, i)) return before;
  const key = formatSocketAddress(batch.address(i));
  const session = byClient.get(key) ?? open(key);
  session.client.clear();
  session.client.pushTo(new Uint8Array(0), batch, i);
  return session;
}

function open(key: string): Session {
  for (const [oldest, { socket, token }] of byClient) {
    if (byClient.size < MOST_CLIENTS) break;
    socket.close();
    byClient.delete(oldest);
    byToken.delete(token);
    owners.length = 0;
  }
  const any = server.startsWith('[') ? '[::]:0' : '0.0.0.0:0';
  const socket = UdpSocket.bind(any, { socket: OPTIONS });
  socket.connect(server);
  socket.setCoalescing(true);
  const client = new DatagramBatch({ capacity: 1, slotSize: 1 });
  const session = { token: Token(nextToken++), socket, client };
  poll.registry.register(socket, session.token, Interest.READABLE);
  byClient.set(key, session);
  byToken.set(session.token, session);
  return session;
}

/** From clients to the server: a run of messages of one client is one call. */
function forward(): void {
  for (let i = 0; i < batch.length; i++) owners[i] = sessionOf(i);
  batch.passOn();
  while (batch.sent < batch.length) {
    const owner = owners[batch.sent];
    let end = batch.sent + 1;
    while (end < batch.length && owners[end] === owner) end++;
    if (owner !== undefined) send(owner.socket, end);
    else batch.took(end - batch.sent);
  }
}

function answer(session: Session): void {
  batch.passOn(session.client, 0);
  send(front, batch.length);
}

/** Sends up to message `end`. What finds no room is dropped, as datagrams are. */
function send(socket: UdpSocket, end: number): void {
  while (batch.sent < end) {
    const most = end - batch.sent;
    if (attempt(() => socket.sendBatch(batch, most)) === WouldBlock) batch.took(most);
  }
}

function drain(socket: UdpSocket, then: () => void): void {
  while (attempt(() => socket.recvBatch(batch)) !== WouldBlock) if (!batch.outgoing) then();
}

/** A failure concerns one datagram, or an earlier one: the socket goes on. */
function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    console.error(String(error));
    return undefined;
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(0));
console.log(`udp_relay on epoll listens on ${formatSocketAddress(front.localAddr())}`);

for (const events = new Events(64); ; ) {
  await poll.poll(events);
  for (const { token } of events) {
    const session = byToken.get(token);
    drain(session?.socket ?? front, session === undefined ? forward : () => answer(session));
  }
}
