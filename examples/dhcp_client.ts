// node examples/dist/dhcp_client.js --interface eth0            (Linux, as root)
//
// Asks for an address with DHCP (RFC 2131) and prints what a server confirms, as JSON. It changes
// nothing on the machine. The socket has no address yet: it broadcasts on its interface.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Events, Interest, Poll, Token, UdpSocket, WouldBlock } from '@evloop/epoll';

const [DISCOVER, OFFER, REQUEST, ACK, NAK] = [1, 2, 3, 5, 6];
const OPTION = {
  mask: 1,
  router: 3,
  dns: 6,
  wanted: 50,
  lease: 51,
  type: 53,
  server: 54,
  end: 255,
};
const COOKIE = [99, 130, 83, 99];
const RETRY_MS = 2000;
const ATTEMPTS = 5;

const { values } = parseArgs({ options: { interface: { type: 'string', default: 'eth0' } } });
const name = values.interface;
const mac = readFileSync(`/sys/class/net/${name}/address`, 'latin1').trim().split(':');
const transaction = randomBytes(4);

const socket = UdpSocket.bind('0.0.0.0:68', {
  reuseAddr: true,
  socket: { bindToDevice: name, packetInfo: true },
});
socket.setBroadcast(true);
const poll = new Poll();
poll.registry.register(socket, Token(0), Interest.READABLE);
const events = new Events(4);
const buffer = new Uint8Array(1500);

/** A message of RFC 2131, section 2. It asks the server to answer by broadcast. */
function message(type: number, options: readonly number[] = []): Uint8Array {
  const bytes = new Uint8Array(300);
  bytes.set([1, 1, 6, 0], 0);
  bytes.set(transaction, 4);
  bytes[10] = 0x80;
  bytes.set(
    mac.map((byte) => Number.parseInt(byte, 16)),
    28,
  );
  bytes.set([...COOKIE, OPTION.type, 1, type, ...options, OPTION.end], 236);
  return bytes;
}

interface Reply {
  readonly address: readonly number[];
  readonly options: ReadonlyMap<number, Uint8Array>;
}

/** The reply in the first `size` bytes, if it is one to us. */
function parse(size: number): Reply | undefined {
  const ours = size >= 240 && buffer[0] === 2 && transaction.every((b, i) => buffer[4 + i] === b);
  if (!ours || COOKIE.some((byte, i) => buffer[236 + i] !== byte)) return undefined;
  const options = new Map<number, Uint8Array>();
  for (let at = 240; at + 1 < size && buffer[at] !== OPTION.end; ) {
    const length = buffer[at] === 0 ? -1 : (buffer[at + 1] as number);
    if (length >= 0) options.set(buffer[at] as number, buffer.slice(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return { address: [...buffer.subarray(16, 20)], options };
}

/** Sends until a reply of one of the types comes. */
async function ask(bytes: Uint8Array, types: readonly number[]): Promise<Reply> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    socket.sendTo(bytes, '255.255.255.255:67');
    const deadline = performance.now() + RETRY_MS;
    for (let left = RETRY_MS; left > 0; left = deadline - performance.now()) {
      await poll.poll(events, left);
      for (let got = socket.recvFrom(buffer); got !== WouldBlock; got = socket.recvFrom(buffer)) {
        const reply = parse(got.size);
        const type = reply?.options.get(OPTION.type)?.[0] ?? 0;
        if (reply === undefined || !types.includes(type)) continue;
        if (type === NAK) throw new Error('the server refused the address');
        console.error(`reply ${type} from ${got.address.address} on ${got.info?.interfaceIndex}`);
        return reply;
      }
    }
  }
  throw new Error(`no DHCP server answers on ${name}`);
}

function addresses(bytes: Uint8Array | undefined): string[] {
  const count = Math.floor((bytes?.length ?? 0) / 4);
  return Array.from({ length: count }, (_, i) => bytes?.subarray(4 * i, 4 * i + 4).join('.') ?? '');
}

try {
  const offer = await ask(message(DISCOVER), [OFFER]);
  const server = [...(offer.options.get(OPTION.server) ?? [])];
  const chosen = [OPTION.wanted, 4, ...offer.address, OPTION.server, 4, ...server];
  const { address, options } = await ask(message(REQUEST, chosen), [ACK, NAK]);
  const lease = options.get(OPTION.lease);
  const result = {
    address: address.join('.'),
    mask: addresses(options.get(OPTION.mask))[0],
    routers: addresses(options.get(OPTION.router)),
    dns: addresses(options.get(OPTION.dns)),
    server: server.join('.'),
    leaseSeconds: lease === undefined ? undefined : new DataView(lease.buffer).getUint32(0),
  };
  console.log(JSON.stringify(result));
} catch (error) {
  console.error(`dhcp_client: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
socket.close();
poll.close();
