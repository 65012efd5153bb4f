import type { Supports } from '@evloop/core';

type Ability = keyof Supports;
type Reasons = Readonly<Partial<Record<Ability, string>>>;

const LOOP = "sources become ready only while Node's loop turns";
const REUSE_PORT = 'it takes Node 22.12 or later, on Linux and some other systems';
const KERNEL_UDP = 'the kernel lacks it (udp(7)), or this process may not open IP sockets';

const REASONS: Readonly<Record<string, Reasons>> = {
  epoll: { udpSegmentation: KERNEL_UDP, udpCoalescing: KERNEL_UDP },
  net: {
    pollSync: LOOP,
    descriptors: LOOP,
    nestedPoll: LOOP,
    exclusiveMode: LOOP,
    priority: 'Node does not report urgent data',
    closeBehindBacklog: 'Node stops looking at a socket that is not read',
    acceptRecovery: 'Node accepts and closes clients while no descriptor is free',
    adoptFd: 'Node on Windows, Bun and Deno take over no descriptor',
    abstractNames: 'it takes Linux and Node 22 or later',
    unixReset: 'Node has read what the program has not',
    wakerHandles: 'on Deno a channel between threads keeps the process alive',
    tcpReusePort: REUSE_PORT,
    udpReusePort: REUSE_PORT,
  },
};

const OTHERWISE: Readonly<Record<string, string>> = {
  net: 'Node has no call for it',
};

/** Returns the reason why `supports` of a backend is false for an ability: one line. */
export function whyNot(backend: string, ability: string): string {
  const reasons: Readonly<Record<string, string | undefined>> = REASONS[backend] ?? {};
  return reasons[ability] ?? OTHERWISE[backend] ?? 'this backend does not have it';
}
