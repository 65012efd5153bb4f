import type { Backend, Supports } from '@evloop/core';
import { BACKENDS } from './choose-backend.ts';
import { whyNot } from './why-not.ts';

/** What one backend can do on this machine. */
export interface BackendReport {
  readonly name: string;
  /** What it can do; `undefined` if it cannot run. */
  readonly supports: Supports | undefined;
  /** For each ability that is false in `supports`, the reason. */
  readonly whyNot: Readonly<Record<string, string>>;
  /** Why it cannot run; `undefined` if it can. */
  readonly missing: string | undefined;
  /** What to do about that. */
  readonly advice: string | undefined;
}

/** Each ability in words. One without words is shown by its name. */
export const ABILITIES: Readonly<Partial<Record<keyof Supports, string>>> = {
  pollSync: 'blocks the thread (pollSync)',
  cork: 'sends the writes of a batch together (cork)',
  descriptors: 'waits on any file descriptor',
  priority: 'reports urgent TCP data',
  levelMode: 'reports readiness again until it is used up (Mode.LEVEL)',
  oneshotMode: 'reports once for each registration (Mode.ONESHOT)',
  exclusiveMode: 'wakes one of several polls (Mode.EXCLUSIVE)',
  nestedPoll: 'a poll is a source of another poll',
  wakerHandles: 'is woken by other threads (RemoteWaker)',
  tcpReusePort: 'several TCP listeners on a port (reusePort)',
  tcpTtl: 'reads and sets the TTL of TCP sockets',
  closeBehindBacklog: "reports the peer's close behind unread data",
  acceptRecovery: 'accepts again by itself after EMFILE',
  adoptFd: 'takes over inherited sockets (fromFd)',
  unixStreams: 'Unix stream sockets',
  abstractNames: 'Unix sockets with abstract names',
  unixPair: 'pairs of Unix streams (UnixStream.pair)',
  unixReset: 'resets a Unix stream that is closed unread',
  peerCredentials: 'who is at the other end of a Unix stream',
  fdPassing: 'passes descriptors over Unix streams',
  udpBatch: 'many datagrams in one system call',
  udpSegmentation: 'UDP segmentation in the kernel (GSO)',
  udpCoalescing: 'UDP coalescing in the kernel (GRO)',
  udpKernelDrops: 'counts datagrams that the kernel dropped',
  udpRefusals: 'tells that a UDP peer refuses',
  udpReusePort: 'several UDP sockets on a port (reusePort)',
  udpPacketInfo: 'tells and sets the local address of each datagram (packetInfo)',
  udpHeaderFields: 'tells and sets TOS, ECN and TTL of each datagram',
  udpTimestamps: 'times of receiving and sending datagrams, paced sending (txTime)',
  udpErrorQueue: 'tells which datagram was refused, and by whom (recvError)',
  udpPathMtu: 'tells the MTU of the path of datagrams (pathMtu)',
  udpSteering: 'steers datagrams in a group of sockets (steering)',
  udpSourceMulticast: 'joins multicast groups by source',
  tcpStreamOptions: 'socket options of TCP streams',
  tcpListenerOptions: 'socket options of TCP listeners',
  unixOptions: 'socket options of Unix sockets',
  udpOptions: 'socket options of UDP sockets',
  rawOptions: 'any socket option by number (getOption)',
};

/** Reports on each backend, whatever `EVLOOP_BACKEND` says. */
export function reportBackends(
  backends: Readonly<Record<string, Backend>> = BACKENDS,
): BackendReport[] {
  return Object.entries(backends).map(([name, { supports, unavailable }]) => ({
    name,
    supports: unavailable === undefined ? supports : undefined,
    whyNot: unavailable === undefined ? reasonsOf(name, supports) : {},
    missing: unavailable?.reason,
    advice: unavailable?.advice,
  }));
}

function reasonsOf(name: string, supports: Supports): Record<string, string> {
  const lacking = Object.entries(supports).filter(([, can]) => isNothing(can));
  return Object.fromEntries(lacking.map(([ability]) => [ability, whyNot(name, ability)]));
}

const isNothing = (can: unknown) => can === false || (Array.isArray(can) && can.length === 0);
