import { type QueuedError, type SocketAddress, WouldBlock } from '@evloop/core';
import { formatIPv4, formatIPv6, META_STRIDE, MessageBits, timeOf } from '@evloop/core/backend';
import { MESSAGE_WORDS } from '../native/binding.ts';
import { check, datagramError } from '../native/errno-error.ts';
import { native } from '../native/native.ts';
import { decodeIpName, scratchName } from '../native/sockaddr.ts';

const { EAGAIN, EINTR, EMSGSIZE, MSG_ERRQUEUE, AF_INET, AF_INET6 } = native.constants;

/** The most entries that wait for the program. */
const MOST = 256;
/** The most entries that one event takes out of the kernel, so that a flood of them ends. */
const MOST_AT_ONCE = 4096;

/** `SO_EE_ORIGIN_…` of ip(7) and linux/errqueue.h. */
const KINDS: Readonly<Record<number, QueuedError['kind']>> = {
  1: 'local',
  2: 'icmp',
  3: 'icmp',
  4: 'timestamp',
  6: 'txtime',
};

/** An entry in the kernel's form. */
interface Entry {
  readonly name: Uint8Array;
  readonly words: Uint32Array;
  readonly data: Uint8Array;
}

// Not the shared words: the data that an operation has written there is still to be sent.
const scratch = new Uint8Array(2048);
const scratchWords = new Uint32Array(MESSAGE_WORDS);

/**
 * The entries of a socket's error queue that were taken out of the kernel. They are taken when
 * epoll reports an error. Otherwise, with `Mode.LEVEL`, epoll would report them in every wait, and
 * it does not distinguish them from an error of the socket.
 */
export class ErrorQueue {
  /** The number of dropped entries. */
  drops = 0;
  readonly #entries: Entry[] = [];

  /**
   * Takes all entries out of the kernel.
   *
   * @returns their number, and how many of them are ICMP messages.
   */
  drain(fd: number): { readonly count: number; readonly reports: number } {
    let count = 0;
    let reports = 0;
    while (count < MOST_AT_ONCE) {
      const entry = read(fd);
      if (entry === undefined) break;
      count++;
      if (KINDS[originOf(entry.words)[0] as number] === 'icmp') reports++;
      if (this.#entries.length < MOST) this.#entries.push(entry);
      else this.drops++;
    }
    return { count, reports };
  }

  /** Takes the oldest entry. */
  take(fd: number): QueuedError | WouldBlock {
    const entry = this.#entries.shift() ?? read(fd);
    return entry === undefined ? WouldBlock : describe(entry);
  }
}

function read(fd: number): Entry | undefined {
  // Without an address, the kernel leaves the name unchanged.
  scratchName.fill(0, 0, 4);
  let size: number;
  do {
    size = native.recvmsg(fd, scratch, 0, scratch.length, MSG_ERRQUEUE, scratchName, scratchWords);
  } while (size === -EINTR);
  if (size === -EAGAIN) return undefined;
  check(size, 'recvmsg');
  return { name: scratchName.slice(), words: scratchWords.slice(), data: scratch.slice(0, size) };
}

/** `struct sock_extended_err`, and the address that follows it. */
function describe({ name, words, data }: Entry): QueuedError {
  const [errno = 0, , info = 0, id = 0] = words.subarray(META_STRIDE);
  const [origin = 0, type = 0, code = 0] = originOf(words);
  const kind = KINDS[origin] ?? 'other';
  const timed = kind === 'timestamp';
  const address = timed ? undefined : addressIn(name);
  const error = timed || errno === 0 ? undefined : datagramError(-errno, 'send', address);
  const time = (words[4] as number) & MessageBits.TIME;
  return {
    ...{ kind, error, address, offender: offenderIn(words), origin, type, code, data },
    mtu: errno === EMSGSIZE ? info : undefined,
    timestamp: time === 0 ? undefined : timeOf(words, 0),
    id: timed ? id : undefined,
  };
}

/** `ee_origin`, `ee_type` and `ee_code`. */
function originOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset + 4 * (META_STRIDE + 1), 3);
}

function addressIn(name: Uint8Array): SocketAddress | undefined {
  const empty = name.subarray(0, 4).every((byte) => byte === 0);
  return empty ? undefined : decodeIpName(name);
}

function offenderIn(words: Uint32Array): string | undefined {
  const bytes = new Uint8Array(words.buffer, words.byteOffset + 4 * (META_STRIDE + 4), 28);
  const [family] = new Uint16Array(bytes.buffer, bytes.byteOffset, 1);
  if (family === AF_INET) return formatIPv4(bytes.subarray(4, 8));
  return family === AF_INET6 ? formatIPv6(bytes.subarray(8, 24)) : undefined;
}
