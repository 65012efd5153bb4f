/** A limit of the system for servers, and what to change. */
export interface Limit {
  readonly name: string;
  /** The limit as the system gives it; `undefined` if it cannot be read. */
  readonly value: string | undefined;
  /** What it limits. */
  readonly bounds: string;
  /** What to change, and why; `undefined` if nothing needs to change. */
  readonly advice: string | undefined;
}

/** Reads a file of /proc; `undefined` if there is none. */
export type ReadProc = (path: string) => string | undefined;

interface Setting {
  readonly key: string;
  readonly bounds: string;
  /** A busy server may notice a limit below this. */
  readonly enough: number;
  readonly suggested: string;
  readonly why: string;
}

const SETTINGS: readonly Setting[] = [
  {
    key: 'fs.nr_open',
    bounds: 'the highest hard limit of open files that root can set',
    enough: 65_536,
    suggested: '1048576',
    why: 'a process cannot have more connections than this',
  },
  {
    key: 'fs.epoll.max_user_watches',
    bounds: 'sources registered with epoll, for each user',
    enough: 65_536,
    suggested: '1048576',
    why: 'register fails with ENOSPC beyond it',
  },
  {
    key: 'net.core.somaxconn',
    bounds: 'connections that wait to be accepted; caps the option backlog',
    enough: 1024,
    suggested: '4096',
    why: 'bursts of new connections are dropped beyond it',
  },
  {
    key: 'net.core.rmem_max',
    bounds: "a socket's receive buffer, as recvBufferSize asks for it",
    enough: 2_097_152,
    suggested: '8388608',
    why: 'a UDP server that pauses for some milliseconds loses datagrams; TCP buffers have limits of their own (tcp_rmem)',
  },
  {
    key: 'net.core.wmem_max',
    bounds: "a socket's send buffer, as sendBufferSize asks for it",
    enough: 2_097_152,
    suggested: '8388608',
    why: 'a UDP server that sends in bursts is told WouldBlock; TCP buffers have limits of their own (tcp_wmem)',
  },
];

const ENOUGH_FILES = 65_536;
const ENOUGH_PORTS = 16_384;
const sysctl = (key: string, value: string) => `sysctl -w ${key}=${quote(value)}`;
const quote = (value: string) => (value.includes(' ') ? `"${value}"` : value);
const numberIn = (value: string) => (value === 'unlimited' ? Infinity : Number(value));

/** Returns the limits of a Linux system, from /proc. */
export function linuxLimits(read: ReadProc): Limit[] {
  return [
    ...openFiles(read),
    ...SETTINGS.map((setting) => fromSetting(setting, read)),
    ports(read),
  ];
}

function openFiles(read: ReadProc): Limit[] {
  const line = /^Max open files\s+(\S+)\s+(\S+)/m.exec(read('/proc/self/limits') ?? '');
  const [, soft, hard] = line ?? [];
  return openFileLimits(soft, hard);
}

/** Returns the limit RLIMIT_NOFILE. */
export function openFileLimits(soft: string | undefined, hard: string | undefined): Limit[] {
  const low = (value: string | undefined) => value !== undefined && numberIn(value) < ENOUGH_FILES;
  const raisable = low(soft) && !low(hard);
  const raiseHard =
    'raise it with LimitNOFILE=1048576 in the systemd unit, --ulimit nofile=1048576 for a container, or /etc/security/limits.conf';
  return [
    {
      name: 'RLIMIT_NOFILE soft',
      value: soft,
      bounds:
        'descriptors of this process; accept throws EMFILE beyond it, so set maxConnections below it',
      advice: raisable ? `ulimit -n ${hard}, before the program is started` : undefined,
    },
    {
      name: 'RLIMIT_NOFILE hard',
      value: hard,
      bounds: 'what the soft limit can be raised to; Node does that by itself as it starts',
      advice: low(hard) ? raiseHard : undefined,
    },
  ];
}

function fromSetting({ key, bounds, enough, suggested, why }: Setting, read: ReadProc): Limit {
  const value = read(`/proc/sys/${key.replaceAll('.', '/')}`)?.trim();
  const advice =
    value !== undefined && Number(value) < enough
      ? `${sysctl(key, suggested)} – ${why}`
      : undefined;
  return { name: key, value, bounds, advice };
}

function ports(read: ReadProc): Limit {
  const name = 'net.ipv4.ip_local_port_range';
  const value = read('/proc/sys/net/ipv4/ip_local_port_range')?.trim().replace(/\s+/g, ' ');
  const [first = 0, last = 0] = value?.split(' ').map(Number) ?? [];
  const few = value !== undefined && last - first + 1 < ENOUGH_PORTS;
  return {
    name,
    value,
    bounds:
      'outgoing connections to one address and port; connect fails with EADDRNOTAVAIL beyond it',
    advice: few ? `${sysctl(name, '10240 65535')} – a proxy runs out of ports` : undefined,
  };
}
