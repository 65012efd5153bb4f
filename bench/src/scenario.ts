import type { Service } from './servers/service.ts';

/** One case: which service, under which load. */
export interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly service: Service;
  readonly message: string;
  /** The load generator's mode and numbers. */
  readonly load: readonly string[];
  /** Idle connections beside the active ones. */
  readonly idle?: number;
  /** At most so many rounds: where one takes long. */
  readonly mostRounds?: number;
  /** Contestants that batch datagrams take part. */
  readonly batches?: boolean;
  /** Part of `--quick`. */
  readonly quick?: boolean;
}

const echo = (connections: number, size: number): string[] => [
  'tcp-echo',
  ...['--connections', String(connections), '--size', String(size)],
];

/** All cases, in the order of the report. */
export const SCENARIOS: readonly Scenario[] = [
  {
    id: 'tcp-64x50',
    title: 'TCP echo, 64 bytes × 50 connections',
    service: 'tcp-echo',
    message: 'echo',
    load: echo(50, 64),
    quick: true,
  },
  {
    id: 'tcp-64x1',
    title: 'TCP echo, 64 bytes × 1 connection (ping-pong)',
    service: 'tcp-echo',
    message: 'echo',
    load: echo(1, 64),
    quick: true,
  },
  {
    id: 'tcp-64x2',
    title: 'TCP echo, 64 bytes × 2 connections',
    service: 'tcp-echo',
    message: 'echo',
    load: echo(2, 64),
  },
  {
    id: 'tcp-64x10',
    title: 'TCP echo, 64 bytes × 10 connections',
    service: 'tcp-echo',
    message: 'echo',
    load: echo(10, 64),
  },
  {
    id: 'tcp-64x1000',
    title: 'TCP echo, 64 bytes × 1,000 connections',
    service: 'tcp-echo',
    message: 'echo',
    load: echo(1000, 64),
  },
  {
    id: 'tcp-16kx1',
    title: 'TCP echo, 16 KiB × 1 connection',
    service: 'tcp-echo',
    message: 'echo',
    load: echo(1, 16384),
  },
  {
    id: 'tcp-16kx50',
    title: 'TCP echo, 16 KiB × 50 connections',
    service: 'tcp-echo',
    message: 'echo',
    load: echo(50, 16384),
    quick: true,
  },
  {
    id: 'tcp-16kx1000',
    title: 'TCP echo, 16 KiB × 1,000 connections',
    service: 'tcp-echo',
    message: 'echo',
    load: echo(1000, 16384),
  },
  {
    id: 'connect',
    title: 'Connect, echo 64 bytes once, close; 20 at a time',
    service: 'tcp-echo',
    message: 'connection',
    load: ['tcp-churn', '--connections', '20', '--size', '64'],
  },
  {
    id: 'idle',
    title: 'TCP echo, 64 bytes × 50 connections, among 10,000 idle ones',
    service: 'tcp-echo',
    message: 'echo',
    load: echo(50, 64),
    idle: 10000,
    mostRounds: 5,
  },
  {
    id: 'broadcast',
    title: 'Broadcast, 64-byte lines to 49 others of 50',
    service: 'broadcast',
    message: 'delivery',
    load: ['broadcast', '--connections', '50', '--size', '64'],
  },
  {
    id: 'relay-64x50',
    title: 'TCP relay to an echo server, 64 bytes × 50 connections',
    service: 'tcp-relay',
    message: 'echo',
    load: echo(50, 64),
  },
  {
    id: 'relay-64kx50',
    title: 'TCP relay to an echo server, 64 KiB × 50 connections (8,192 echoes relay 1 GiB)',
    service: 'tcp-relay',
    message: 'echo',
    load: echo(50, 65536),
  },
  {
    id: 'udp-64x50',
    title: 'UDP echo, 64 bytes × 50 sockets, one datagram in flight each',
    service: 'udp-echo',
    message: 'echo',
    load: ['udp-echo', '--connections', '50', '--size', '64'],
    batches: true,
    quick: true,
  },
  {
    id: 'udp-20x4',
    title: 'UDP echo, 64 bytes × 20 sockets, 4 datagrams in flight each',
    service: 'udp-echo',
    message: 'echo',
    load: ['udp-echo', '--connections', '20', '--window', '4', '--size', '64'],
    batches: true,
  },
  {
    id: 'udp-window',
    title: 'UDP echo, 64 bytes × 1 socket, 64 datagrams in flight',
    service: 'udp-echo',
    message: 'echo',
    load: ['udp-echo', '--connections', '1', '--window', '64', '--size', '64'],
    batches: true,
  },
  {
    id: 'udp-receive',
    title: 'UDP receive, 64 bytes, 100,000 a second offered',
    service: 'udp-receive',
    message: 'datagram',
    load: ['udp-flood', '--rate', '100000', '--size', '64'],
    batches: true,
  },
  {
    id: 'udp-send',
    title: 'UDP send, 1,200 bytes, 50 datagrams for each question',
    service: 'udp-send',
    message: 'datagram',
    load: ['udp-burst', '--connections', '4', '--size', '1200'],
    batches: true,
  },
  {
    id: 'udp-options',
    title: 'UDP echo, 64 bytes × 50 sockets, with all that the kernel can tell of each datagram',
    service: 'udp-options',
    message: 'echo',
    load: ['udp-echo', '--connections', '50', '--size', '64'],
    batches: true,
  },
  {
    id: 'udp-relay',
    title: 'UDP relay, 1,200 bytes, 50,000 a second in runs of ten, as of QUIC',
    service: 'udp-relay',
    message: 'datagram',
    load: ['udp-relay', '--rate', '50000', '--size', '1200'],
    batches: true,
  },
];
