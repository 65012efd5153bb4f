import { formatTime } from '../clock/time.ts';
import type { Host } from '../host/host.ts';
import { Flag, type Packet } from '../network/packet.ts';
import type { TracedSource } from './trace.ts';

/** What kinds of entries a trace has. */
export type TraceKind = 'poll' | 'operation' | 'send' | 'arrive' | 'lose' | 'note';

/** The bits of an event, from the lowest on. */
export const EVENT_BITS = ['readable', 'writable', 'readClosed', 'writeClosed', 'error'] as const;

/** An entry as it is recorded. It is put into words only when somebody reads it. */
export interface TraceEntry {
  readonly time: number;
  readonly kind: TraceKind;
  readonly host: Host | undefined;
  readonly a: number;
  readonly b: number;
  /** Of a poll: a token and the bits of {@link EVENT_BITS}, for each event in turn. */
  readonly about: Packet | TracedSource | string | readonly number[];
  readonly name: string;
}

/** An entry in words. One line of the JSON trace. */
export interface TraceLine {
  /** Nanoseconds since the start. */
  readonly time: number;
  readonly host: string;
  readonly kind: TraceKind;
  readonly text: string;
  /** The number of the packet, where the entry is about one. */
  readonly packet?: number;
}

/** Puts an entry into words. */
export function describeEntry(entry: TraceEntry): TraceLine {
  const { time, kind } = entry;
  const host = entry.host?.name ?? '';
  const line = { time, host, kind, text: textOf(entry) };
  return typeof entry.about === 'object' && 'payload' in entry.about
    ? { ...line, packet: entry.about.id }
    : line;
}

/** A line of a trace, for people. */
export function formatTraceLine({ time, host, text }: TraceLine): string {
  return `${formatTime(time).padStart(14)}  ${host.padEnd(8)} ${text}`;
}

function textOf({ kind, a, b, about, name }: TraceEntry): string {
  if (typeof about === 'string') return about;
  if (isEvents(about)) {
    const events = eventsText(about);
    return `poll answers ${a}${events === '' ? '' : ` (${events})`}`;
  }
  if (!('payload' in about)) {
    const result = b < 0 ? 'would block' : name === 'read' || name === 'write' ? `${b} bytes` : b;
    return `${about.label}: ${name}${b === 0 && name !== 'read' ? '' : ` → ${result}`}`;
  }
  const words = { send: 'sends', arrive: 'receives', lose: 'never receives' } as const;
  const why = kind === 'lose' ? ` (${name})` : '';
  return `${words[kind as keyof typeof words]} ${describePacket(about)}${why}`;
}

function isEvents(about: TraceEntry['about']): about is readonly number[] {
  return Array.isArray(about);
}

function eventsText(events: readonly number[]): string {
  const texts: string[] = [];
  for (let i = 0; i < events.length; i += 2) {
    const bits = events[i + 1] as number;
    const names = EVENT_BITS.filter((_, bit) => (bits & (1 << bit)) !== 0);
    texts.push(`token ${events[i]}: ${names.join(' ')}`);
  }
  return texts.join(', ');
}

/** A packet in words. */
export function describePacket({ source, destination, payload }: Packet): string {
  const ends = `${source.address}:${source.port} → ${destination.address}:${destination.port}`;
  if (payload.kind === 'icmp') return `ICMP ${payload.what} ${ends}`;
  if (payload.kind === 'udp') return `UDP ${ends}, ${payload.data.length} bytes`;
  const { flags, offset, ack, data, window } = payload;
  const names = Object.entries(Flag).flatMap(([name, bit]) => ((flags & bit) === 0 ? [] : [name]));
  return (
    `TCP ${ends} ${names.join('+')} offset ${offset}, ack ${ack}, ` +
    `${data.length} bytes, window ${window}`
  );
}
