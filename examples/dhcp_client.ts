// node examples/dist/dhcp_client.js --interface eth0            (Linux, as root)
//
// Asks for an address with DHCP (RFC 2131) and prints what a server confirms, as JSON. It changes
// nothing on the machine. The socket has no address yet: it broadcasts on its interface.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { parseArgs } from 'node:util';
import { Events, Interest, Poll, Token, UdpSocket, WouldBlock } from '@evloop/epoll';

const [DISCOVER, OFFER, REQUEST, ACK, NAK] = [1, 2, 3, 5, 6];
const [MASK, ROUTER, DNS, WANTED, LEASE, TYPE, SERVER, END] = [1, 3, 6, 50, 51, 53, 54, 255];
const COOKIE = [99, 130, 83, 99];
const RETRY_MS = 2000;
const ATTEMPTS = 5;

const { values } = parseArgs({ options: { interface: { type: 'string', default: 'eth0' } } });
const name = values.interface;
const transaction = randomBytes(4);
const events = new Events(4);
const buffer = new Uint8Array(1500);

/** The hardware address. `/sys` may show another network namespace, so it comes second. */
function hardwareAddress(): number[] {
  const known = networkInterfaces()[name]?.[0]?.mac;
  const mac = known ?? readFileSync(`/sys/class/net/${name}/address`, 'latin1').trim();
  return mac.split(':').map((byte) => Number.parseInt(byte, 16));
}

/** A message of RFC 2131, section 2. It asks the server to answer by broadcast. */
function message(type: number, options: readonly number[] = []): Uint8Array {
  const bytes = new Uint8Array(300);
  bytes.set([1, 1, 6, 0, ...transaction, 0, 0, 0x80], 0);
  bytes.set(hardwareAddress(), 28);
  bytes.set([...COOKIE, TYPE, 1, type, ...options, END], 236);
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
  for (let at = 240; at + 1 < size && buffer[at] !== END; ) {
    const length = buffer[at] === 0 ? -1 : (buffer[at + 1] as number);
    if (length >= 0) options.set(buffer[at] as number, buffer.slice(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return { address: [...buffer.subarray(16, 20)], options };
}

/** Sends until a reply of one of the types comes. */
async function ask(socket: UdpSocket, bytes: Uint8Array, types: readonly number[]): Promise<Reply> {
  using poll = new Poll();
  poll.registry.register(socket, Token(0), Interest.READABLE);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    socket.sendTo(bytes, '255.255.255.255:67');
    const deadline = performance.now() + RETRY_MS;
    for (let left = RETRY_MS; left > 0; left = deadline - performance.now()) {
      await poll.poll(events, left);
      for (let got = socket.recvFrom(buffer); got !== WouldBlock; got = socket.recvFrom(buffer)) {
        const reply = parse(got.size);
        const type = reply?.options.get(TYPE)?.[0] ?? 0;
        if (reply === undefined || !types.includes(type)) continue;
        if (type === NAK) throw new Error('the server refused the address');
        console.error(`reply ${type} from ${got.address.address} on ${got.info?.interfaceIndex}`);
        return reply;
      }
    }
  }
  throw new Error(`no DHCP server answers on ${name}`);
}

function addresses(bytes: Uint8Array = new Uint8Array(0)): string[] {
  const count = Math.floor(bytes.length / 4);
  return Array.from({ length: count }, (_, i) => bytes.subarray(4 * i, 4 * i + 4).join('.'));
}

try {
  const options = { reuseAddr: true, bindToDevice: name, packetInfo: true };
  using socket = UdpSocket.bind('0.0.0.0:68', { socket: options });
  socket.setBroadcast(true);
  const offer = await ask(socket, message(DISCOVER), [OFFER]);
  const server = [...(offer.options.get(SERVER) ?? [])];
  const chosen = [WANTED, 4, ...offer.address, SERVER, 4, ...server];
  const ack = await ask(socket, message(REQUEST, chosen), [ACK, NAK]);
  const lease = ack.options.get(LEASE);
  const result = {
    address: ack.address.join('.'),
    mask: addresses(ack.options.get(MASK))[0],
    routers: addresses(ack.options.get(ROUTER)),
    dns: addresses(ack.options.get(DNS)),
    server: server.join('.'),
    leaseSeconds: lease?.length === 4 ? new DataView(lease.buffer).getUint32(0) : undefined,
  };
  console.log(JSON.stringify(result));
} catch (error) {
  const missing = (error as { code?: unknown }).code === 'ENODEV';
  const reason = missing ? `there is no interface ${name}` : String((error as Error).message);
  console.error(`dhcp_client: ${reason}`);
  process.exitCode = 1;
}
