import type { Packet } from '../network/packet.ts';
import type { Outcome } from '../run/run-once.ts';
import type { Simulation } from '../run/simulation.ts';
import type { PacketWatcher } from '../trace/trace.ts';
import { describePacket } from '../trace/trace-entry.ts';

/** A run as it is drawn. Times are nanoseconds. */
export interface Drawing {
  readonly title: string;
  readonly hosts: readonly string[];
  readonly end: number;
  readonly packets: readonly DrawnPacket[];
  readonly marks: readonly DrawnMark[];
}

/** An arrow from one lane to another. */
export interface DrawnPacket {
  readonly from: number;
  readonly to: number;
  readonly sent: number;
  readonly arrives: number;
  readonly text: string;
  /** What happened to it; empty when nothing did. */
  readonly fate: string;
}

/** A point in a lane: a poll, an operation, a fault, or the end. */
export interface DrawnMark {
  /** -1: all lanes. */
  readonly host: number;
  readonly time: number;
  readonly kind: 'poll' | 'operation' | 'fault' | 'failure';
  readonly text: string;
}

interface Sent {
  readonly packet: Packet;
  readonly arrives: number;
}

/** Collects what is needed to draw a run. */
export class Recorder implements PacketWatcher {
  readonly #simulation: Simulation;
  readonly #sent: Sent[] = [];

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    simulation.trace.watcher = this;
  }

  sent(packet: Packet, arrivesAt: number): void {
    this.#sent.push({ packet, arrives: arrivesAt });
  }

  /** The run, from its trace and its packets. */
  drawing(outcome: Outcome): Drawing {
    const hosts = this.#simulation.network.hosts.map(({ name }) => name);
    const { failure, endedAt, seed, lines } = outcome;
    const marks: DrawnMark[] = [];
    for (const { kind, host, time, text } of lines) {
      if (kind === 'send' || kind === 'arrive' || kind === 'lose') continue;
      marks.push({
        host: hosts.indexOf(host),
        time,
        text,
        kind: kind === 'note' ? 'fault' : kind,
      });
    }
    if (failure !== undefined) {
      marks.push({ host: -1, time: endedAt, kind: 'failure', text: failure.message });
    }
    return {
      title: `seed ${seed}: ${failure?.message.split('\n', 1)[0] ?? 'passed'}`,
      hosts,
      end: endedAt,
      packets: this.#sent.map(({ packet, arrives }) => ({
        from: packet.from.number,
        to: packet.to.number,
        sent: packet.sentAt,
        arrives,
        text: describePacket(packet),
        fate: packet.fate ?? '',
      })),
      marks,
    };
  }
}
