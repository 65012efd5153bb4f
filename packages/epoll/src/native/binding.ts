/**
 * The types of the native layer, one function per system call, and the search for its object.
 *
 * Every function takes integers and byte arrays and returns one integer: `n >= 0`, or `-errno`,
 * EINTR and EAGAIN among them. An invalid argument (a wrong type, a fraction, an offset outside the
 * array, a detached buffer, a short name) throws `TypeError` or `RangeError` and has no effect. New
 * descriptors are non-blocking and close-on-exec. Only `write`, `writev` on a pipe raise SIGPIPE.
 *
 * - A **name** is a socket address in a `Uint8Array`: bytes 0 to 3 are its length, native-endian,
 *   then come the `sockaddr` bytes. Where one is written it must have {@link NAME_SIZE} bytes; an
 *   empty one, or length 0, is no address.
 * - `buffer, offset, length` name the bytes of `buffer` to use.
 * - Constants have the kernel's spelling and this machine's value.
 */
import { constants } from 'node:os';
import type { Unavailable } from '@evloop/core';
import { unsupportedError } from '@evloop/core/backend';
import type { Constants } from './constants.ts';
import type { CorkBinding, Handle } from './cork-binding.ts';
import { loadObjects } from './native-objects.ts';
import type { Watch } from './watch.ts';

/** The size of a name that holds any address: its length, and a `sockaddr_storage`. */
export const NAME_SIZE = 132;

/** The words before the name in what a thread shares: see {@link Binding.share}. */
export const WORDS = 8;

/** The word with the result of a call without arguments. */
export const RESULT_WORD = 4;

/**
 * The words that count how often each pin was set: of the events, of the array that is read into,
 * and of the array that is written from. See {@link Binding.share}.
 */
export const PIN_WORDS = { events: 5, reading: 6, writing: 7 } as const;

/** The words of a single message: those of a batch, then of an error. See `Binding.recvmsg`. */
export const MESSAGE_WORDS = 26;

/** The arguments of a call with a single message. */
type MessageArguments = [
  ...[fd: number, buffer: Uint8Array, offset: number, length: number, flags: number],
  ...[name: Uint8Array, words: Uint32Array],
];

export interface Binding extends CorkBinding {
  readonly constants: Constants;

  epollCreate1(): number;
  /** `events` is unsigned, because EPOLLET is bit 31. `epollWait` returns the data. */
  epollCtl(
    epfd: number,
    op: number,
    fd: number,
    events: number,
    dataLow: number,
    dataHigh: number,
  ): number;
  /**
   * Writes events, and returns how many. Each has `EPOLL_EVENT_WORDS` words of 32 bits: word 0 is
   * the event bits, words `EPOLL_DATA_LOW` and `EPOLL_DATA_HIGH` are the data. As many are asked
   * for as `length` bytes have room for. Blocks the thread unless `timeoutMs` is 0; -1 is for ever.
   */
  epollWait(
    epfd: number,
    events: Uint8Array,
    offset: number,
    length: number,
    timeoutMs: number,
  ): number;
  /** With the other arguments in the words of {@link share}, the timeout in place of flags. */
  epollWait(events: Uint8Array): number;
  /** With the array of the last such call, and the result in the words of {@link share}. */
  epollWait(): void;
  eventfd(initial: number): number;
  /** On CLOCK_MONOTONIC. */
  timerfdCreate(): number;
  /** Fires once, after `seconds` and `nanoseconds`; both 0 disarm it. */
  timerfdSettime(fd: number, seconds: number, nanoseconds: number): number;
  /** Returns the poll(2) bits of `fd` that hold now. EPOLLIN and the others have their values. */
  poll(fd: number, events: number): number;

  socket(domain: number, type: number, protocol: number): number;
  /** Writes both descriptors to `out`. */
  socketpair(domain: number, type: number, protocol: number, out: Int32Array): number;
  bind(fd: number, name: Uint8Array): number;
  connect(fd: number, name: Uint8Array): number;
  listen(fd: number, backlog: number): number;
  /** Returns the new descriptor and writes the peer's name. */
  accept4(fd: number, name: Uint8Array): number;
  getsockname(fd: number, name: Uint8Array): number;
  getpeername(fd: number, name: Uint8Array): number;
  shutdown(fd: number, how: number): number;
  /**
   * Returns the number of bytes written to `value`. Options that could make the kernel leave
   * `value` (those with pointers, those with counts) and levels other than SOL_SOCKET, IPPROTO_IP,
   * IPPROTO_IPV6, IPPROTO_TCP and IPPROTO_UDP are a `RangeError`.
   */
  getsockopt(fd: number, level: number, option: number, value: Uint8Array): number;
  setsockopt(fd: number, level: number, option: number, value: Uint8Array): number;
  /** SO_ATTACH_REUSEPORT_CBPF. `program` is an array of `struct sock_filter`, 8 bytes each. */
  attachReuseport(fd: number, program: Uint8Array): number;
  /** Returns an interface's index in the network namespace of a socket; -1: of this thread. */
  ifNametoindex(fd: number, name: Uint8Array): number;

  recv(fd: number, buffer: Uint8Array, offset: number, length: number, flags: number): number;
  /** This and similar overloads take the other arguments from the words of {@link share}. */
  recv(buffer: Uint8Array): number;
  recv(): void;
  /** With MSG_TRUNC in `flags`, returns the datagram's real size: it may exceed `length`. */
  recvfrom(
    fd: number,
    buffer: Uint8Array,
    offset: number,
    length: number,
    flags: number,
    name: Uint8Array,
  ): number;
  recvfrom(buffer: Uint8Array): number;
  recvfrom(): void;
  /**
   * Receives messages `first` to `first + count - 1` of a batch, at most, and returns how many.
   *
   * A **batch** is memory that begins at a multiple of 4: the words capacity (at most 1024) and
   * slot size, then for each message `META_STRIDE` words, then for each a name of `NAME_STRIDE`
   * bytes, then for each a slot. Message i is received into slot i, its sender into name i (a
   * length above 28 says that the address did not fit); its words are then those that
   * `DatagramBatch` describes. Control data has room for 1,024 bytes: more than all options of
   * fixed size deliver.
   */
  recvmmsg(fd: number, batch: Uint8Array, first: number, count: number, flags: number): number;
  recvmmsg(batch: Uint8Array): number;
  recvmmsg(): void;
  /**
   * As `recvfrom`, and writes the {@link MESSAGE_WORDS} of the message to `words`: first those of a
   * message of a batch. With MSG_ERRQUEUE in `flags` it reports an error from the error queue: the
   * name is then where the failed message went, bit 32 of word 4 is set, and words 15 to 25 hold
   * `struct sock_extended_err` and the address of the host that reported it (ip(7)).
   */
  recvmsg(...whole: MessageArguments): number;
  recvmsg(buffer: Uint8Array): number;
  recvmsg(): void;
  /**
   * As `recv`, and stores the descriptors that came along (SCM_RIGHTS), close-on-exec. `meta` gets
   * their number and the message's flags. Those beyond `fds` are closed, and MSG_CTRUNC is set.
   */
  recvmsgFds(
    fd: number,
    buffer: Uint8Array,
    offset: number,
    length: number,
    fds: Int32Array,
    meta: Uint32Array,
    flags: number,
  ): number;

  /** MSG_NOSIGNAL is always added; MSG_ZEROCOPY is a `RangeError`. So too in the other `send…`. */
  send(fd: number, buffer: Uint8Array, offset: number, length: number, flags: number): number;
  send(buffer: Uint8Array): number;
  send(): void;
  sendto(
    fd: number,
    buffer: Uint8Array,
    offset: number,
    length: number,
    flags: number,
    name: Uint8Array,
  ): number;
  sendto(buffer: Uint8Array): number;
  sendto(): void;
  /** As `sendto`, with the control data of words 3 to 14, as in a message of a batch. */
  sendmsg(...whole: MessageArguments): number;
  sendmsg(buffer: Uint8Array): number;
  sendmsg(): void;
  /**
   * Sends messages `first` to `first + count - 1` of a batch, and returns how many went. The words
   * of a message are its offset in the slots, which it need not respect, its length, 1 if its name
   * holds its destination, and its control data: see `DatagramBatch`.
   */
  sendmmsg(fd: number, batch: Uint8Array, first: number, count: number, flags: number): number;
  sendmmsg(batch: Uint8Array): number;
  sendmmsg(): void;
  /** As `send`, with up to 253 descriptors. On a stream they need a byte to travel with. */
  sendmsgFds(
    fd: number,
    buffer: Uint8Array,
    offset: number,
    length: number,
    fds: Int32Array,
    flags: number,
  ): number;

  read(fd: number, buffer: Uint8Array, offset: number, length: number): number;
  write(fd: number, buffer: Uint8Array, offset: number, length: number): number;
  /** Fills the arrays in order. At most the first 64 are used: a short transfer is always legal. */
  readv(fd: number, buffers: readonly Uint8Array[]): number;
  writev(fd: number, buffers: readonly Uint8Array[]): number;
  /** The descriptor is gone whatever the result: EINTR must not be retried (close(2)). */
  close(fd: number): number;
  /** Writes the reading end and the writing end to `out`. */
  pipe2(out: Int32Array): number;
  /** F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETPIPE_SZ and F_SETPIPE_SZ. */
  fcntl(fd: number, command: number, value: number): number;
  /** FIONREAD, SIOCINQ and SIOCOUTQ: writes the answer to `out[0]`. */
  ioctl(fd: number, request: number, out: Int32Array): number;

  /**
   * Enters an open descriptor, which came from elsewhere, into the ledger of the thread: what
   * stands there is closed when the environment ends, which for a terminated worker is without
   * JavaScript. The object has one ledger for each thread, however often it is loaded. Calls that
   * make descriptors enter theirs themselves, except those that receive some; `close` removes.
   */
  own(fd: number): number;
  /** Removes a descriptor, which must be in the ledger: it outlives the environment. */
  disown(fd: number): number;
  /**
   * Moves a descriptor from the ledger to a shared word, for descriptors that other threads use by
   * their number: see `shared-wake.ts`. The word becomes 2 (open). When the environment ends, its
   * bit 0 is set, atomically, and the descriptor closed if the word was 2.
   */
  closeAtExit(fd: number, word: Int32Array): number;

  /**
   * Names the words that the thread shares with the calls that get a buffer alone or no argument.
   * Passing integers and names to C costs more than anything else, and these calls are made for
   * each message. The array must be of shared memory, which can't be detached. It is kept until
   * another one replaces it.
   *
   * The words are descriptor, offset, length, flags, result, three pin counters, and then the
   * {@link NAME_SIZE} bytes of a name and the {@link MESSAGE_WORDS} of a message.
   *
   * A call with its buffer alone **pins** the buffer: the native layer notes its memory and adds 1
   * to the pin's counter. A call without arguments uses the pinned memory. So the caller must keep
   * the buffer alive, and must check that the range still lies within it: `message-calls.ts` is the
   * only place that does this.
   */
  share(words: Int32Array): number;

  /**
   * Starts a thread that waits on an epoll descriptor where libuv is missing. Returns a handle.
   * It keeps the process alive until it is unref'd or closed. Close it before the descriptor.
   */
  threadWaitCreate(epfd: number, callback: () => void): Handle;
  /** Calls the callback once, when the descriptor is readable. Arming is idempotent. */
  threadWaitArm(handle: Handle): number;
  threadWaitRef(handle: Handle): number;
  threadWaitUnref(handle: Handle): number;
  /** Ends the thread. Allowed in the callback, which may come one last time after a close. */
  threadWaitClose(handle: Handle): number;
}

interface Loaded {
  readonly binding: Binding;
  readonly words: Int32Array;
  readonly watch: Watch | undefined;
}

function newWords(): Int32Array {
  const size = (WORDS + MESSAGE_WORDS) * Int32Array.BYTES_PER_ELEMENT + NAME_SIZE;
  return new Int32Array(new SharedArrayBuffer(size));
}

// Test runners evaluate this module again and get the same object, which must keep its words.
function share(object: Binding & { words?: Int32Array }): Int32Array {
  const words = newWords();
  object.share(words);
  object.words = words;
  return words;
}

function load(): Loaded | Unavailable {
  const objects = loadObjects();
  if ('reason' in objects) return objects;
  const object = objects.epoll as Binding & { words?: Int32Array };
  const { words = share(object), ...functions } = object;
  const binding = { ...functions, constants: { ...constants.errno, ...object.constants } };
  return { binding, words, watch: objects.watch as Watch | undefined };
}

const loaded = load();

/** Why there is no native layer on this machine; `undefined` where there is one. */
export const unavailable: Unavailable | undefined = 'reason' in loaded ? loaded : undefined;

/** The libuv watcher. Node alone has it; elsewhere the thread waits. */
export const watch: Watch | undefined = 'reason' in loaded ? undefined : loaded.watch;

/** What this thread shares with the calls that get a buffer alone. */
export const sharedWords: Int32Array = 'reason' in loaded ? newWords() : loaded.words;

/**
 * Returns the system calls.
 *
 * @throws EVLOOP_UNSUPPORTED: there is no native layer, see {@link unavailable}.
 */
export function loadBinding(): Binding {
  if ('reason' in loaded) throw unsupportedError(`@evloop/epoll: ${loaded.reason}`);
  return loaded.binding;
}
