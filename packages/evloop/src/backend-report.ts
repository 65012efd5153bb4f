import type { Supports } from '@evloop/core';
import { BACKENDS, type Load, reasonOf } from './choose-backend.ts';

/** What one backend can do on this machine. */
export interface BackendReport {
  readonly name: string;
  /** What it can do; `undefined` where it cannot be loaded. */
  readonly supports: Supports | undefined;
  /** Why it cannot be loaded; `undefined` where it can. */
  readonly missing: string | undefined;
  /** What to do about that. */
  readonly advice: string | undefined;
}

/** Each ability in words; one that has none yet is shown by its name. */
export const ABILITIES: Readonly<Partial<Record<keyof Supports, string>>> = {
  pollSync: 'blocks the thread (pollSync)',
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
  udpReusePort: 'several UDP sockets on a port (reusePort)',
  tcpStreamOptions: 'socket options of TCP streams',
  tcpListenerOptions: 'socket options of TCP listeners',
  unixOptions: 'socket options of Unix sockets',
  udpOptions: 'socket options of UDP sockets',
  rawOptions: 'any socket option by number (getOption)',
};

/** Tries to load each backend, whatever `EVLOOP_BACKEND` says. */
export function reportBackends(
  backends: Readonly<Record<string, Load>> = BACKENDS,
): Promise<BackendReport[]> {
  return Promise.all(
    Object.entries(backends).map(async ([name, load]): Promise<BackendReport> => {
      try {
        const { supports } = await load();
        return { name, supports, missing: undefined, advice: undefined };
      } catch (error) {
        const missing = reasonOf(error);
        return { name, supports: undefined, missing, advice: adviceFor(missing) };
      }
    }),
  );
}

function adviceFor(reason: string): string {
  if (process.env['EVLOOP_NATIVE_DIR']) {
    return 'EVLOOP_NATIVE_DIR is set: unset it, or let it name the folder of epoll.node';
  }
  if (reason.includes('Linux only')) return 'nothing to mend: this system is served by net';
  if (reason.includes('addons is disabled')) {
    return 'Node was told to load no addons: leave out --no-addons, or add --allow-addons to --permission; or use net';
  }
  if (reason.includes('No native build')) {
    return 'there is no prebuilt object for this system: build @evloop/epoll from a clone (a C compiler is enough), or use net';
  }
  if (/GLIBC|libc\.|\.so/.test(reason)) {
    return "the prebuilt object does not fit this system's C library: build @evloop/epoll from a clone, or use net";
  }
  return 'install @evloop/epoll again, or use net';
}
