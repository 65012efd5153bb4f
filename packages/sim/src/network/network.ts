import type { Host } from '../host/host.ts';
import type { Simulation } from '../run/simulation.ts';
import { isLoopback } from './interfaces.ts';
import { Link } from './link.ts';
import { type LinkNumbers, type LinkOptions, LOOPBACK, linkNumbers } from './link-options.ts';
import { fragmentsOf, type Packet, wireSize } from './packet.ts';

/** What a rule decides about a packet that arrives. */
export type Verdict = 'pass' | 'drop' | 'reject' | undefined;

/** A rule that looks at each packet when it arrives. */
export type Rule = (packet: Packet) => Verdict;

interface LinkRule {
  readonly from: RegExp;
  readonly to: RegExp;
  readonly options: LinkOptions;
}

/** The fate of a packet that the network has made of another one. */
export const COPY: string = 'copy';

/** All hosts, and what is between them. */
export class Network {
  readonly hosts: Host[] = [];
  readonly rules: Set<Rule> = new Set();
  readonly #simulation: Simulation;
  readonly #byAddress = new Map<string, Host>();
  readonly #links = new Map<Host, Map<Host, Link>>();
  readonly #linkRules: LinkRule[] = [];
  readonly #held: Packet[] = [];
  #packets = 0;
  healed = false;
  /** What the plan of faults adds to every link. */
  faults: LinkOptions = {};

  constructor(simulation: Simulation, options: LinkOptions) {
    this.#simulation = simulation;
    this.#linkRules.push({ from: /^/, to: /^/, options });
    linkNumbers(options);
  }

  /** Adds a host. @throws Error: its name or address is taken. */
  add(host: Host): void {
    const { ipv4, ipv6 } = host.interfaces;
    for (const address of ipv6 === undefined ? [ipv4] : [ipv4, ipv6]) {
      const other = this.#byAddress.get(address);
      if (other !== undefined) throw new Error(`address ${address} belongs to host ${other.name}`);
      this.#byAddress.set(address, host);
    }
    this.hosts.push(host);
  }

  /** The host with this address, as `from` sees it; `undefined` when there is none. */
  find(from: Host, address: string): Host | undefined {
    return isLoopback(address) ? from : this.#byAddress.get(address);
  }

  /** An address that no host has. */
  freeAddress(): string {
    for (let n = this.hosts.length + 1; ; n++) {
      const address = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
      if ((n & 255) !== 0 && !this.#byAddress.has(address)) return address;
    }
  }

  /**
   * Sets what links between hosts do, for both directions. The latest that fits a link counts,
   * option by option.
   */
  configure(from: RegExp, to: RegExp, options: LinkOptions): void {
    linkNumbers(options);
    this.#linkRules.push({ from, to, options });
    for (const link of this.links()) link.numbers = this.#numbers(link.from, link.to);
  }

  /** The link from one host to another. */
  link(from: Host, to: Host): Link {
    let links = this.#links.get(from);
    if (links === undefined) {
      links = new Map();
      this.#links.set(from, links);
    }
    let link = links.get(to);
    if (link === undefined) {
      link = new Link(from, to, this.#numbers(from, to), this.#simulation.decisions);
      links.set(to, link);
    }
    return link;
  }

  /** All links that were used or named so far. */
  links(): Link[] {
    return [...this.#links.values()].flatMap((links) => [...links.values()]);
  }

  /** The number of the next packet. */
  nextPacket(): number {
    return ++this.#packets;
  }

  /**
   * Sends a packet. Returns when the sender's interface has sent it, in nanoseconds.
   */
  send(packet: Packet, link: Link): number {
    const { scheduler, trace } = this.#simulation;
    const left = link.sent(packet.sentAt, wireSize(packet));
    const { flow, ordinal } = packet;
    const arrival = link.arrival(left, flow, ordinal);
    if (arrival.overtaken) packet.fate = 'overtaken';
    trace.sent(packet, arrival.time);
    const fifo = !arrival.overtaken;
    scheduler.at(arrival.time, () => this.#arrive(packet, link), false, fifo);
    if (link.doubles(flow, ordinal)) {
      packet.fate ??= 'doubled';
      const copy: Packet = { ...packet, id: this.nextPacket(), fate: COPY };
      trace.sent(copy, arrival.time);
      scheduler.at(arrival.time + link.numbers.latency, () => this.#arrive(copy, link));
    }
    return left;
  }

  /** Delivers what was held back. */
  release(): void {
    const held = this.#held.splice(0);
    for (const packet of held) {
      const link = this.link(packet.from, packet.to);
      if (link.held) this.#held.push(packet);
      else this.#simulation.scheduler.at(0, () => this.#arrive(packet, link), false, true);
    }
  }

  // Faults are looked at when a packet arrives, so that they also affect packets in flight.
  #arrive(packet: Packet, link: Link): void {
    if (link.held) {
      packet.fate ??= 'held';
      this.#held.push(packet);
      return;
    }
    if (!link.to.on) {
      this.#lost(packet, 'the host is off');
      return;
    }
    const verdict = link.passage === 'open' ? this.#judge(packet) : link.passage;
    if (verdict === 'drop') {
      this.#lost(packet, 'partition');
      return;
    }
    if (verdict === 'reject') {
      this.#lost(packet, 'rejected');
      packet.from.kernel.receive({ ...packet, ...rejection(packet) });
      return;
    }
    const lost = lostPart(packet, link);
    if (lost !== undefined) {
      this.#lost(packet, lost);
      return;
    }
    this.#simulation.trace.arrived(packet);
    link.to.kernel.receive(packet);
  }

  #judge(packet: Packet): 'pass' | 'drop' | 'reject' {
    for (const rule of this.rules) {
      const verdict = rule(packet);
      if (verdict === 'drop' || verdict === 'reject') return verdict;
    }
    return 'pass';
  }

  #lost(packet: Packet, why: string): void {
    packet.fate = why;
    this.#simulation.trace.lost(packet, why);
  }

  #numbers(from: Host, to: Host): LinkNumbers {
    if (from === to) return LOOPBACK;
    let options: LinkOptions = {};
    for (const rule of this.#linkRules) {
      const fits =
        (rule.from.test(from.name) && rule.to.test(to.name)) ||
        (rule.from.test(to.name) && rule.to.test(from.name));
      if (fits) options = { ...options, ...rule.options };
    }
    const numbers = linkNumbers(options);
    if (this.healed) return { ...numbers, loss: 0, duplicate: 0, reorder: 0, jitter: 0 };
    const faults = linkNumbers({ ...this.faults, mtu: numbers.mtu });
    return {
      ...numbers,
      loss: Math.max(numbers.loss, faults.loss),
      duplicate: Math.max(numbers.duplicate, faults.duplicate),
      reorder: Math.max(numbers.reorder, faults.reorder),
      jitter: Math.max(numbers.jitter, faults.jitter),
    };
  }

  /** Ends all faults of all links, for good. */
  heal(): void {
    this.healed = true;
    this.rules.clear();
    for (const link of this.links()) {
      link.numbers = this.#numbers(link.from, link.to);
      link.passage = 'open';
      link.held = false;
    }
    this.release();
  }
}

/** What the sender of a rejected packet is told: the network refuses it. */
function rejection(packet: Packet): Partial<Packet> {
  const { from, to, source, destination } = packet;
  return {
    from: to,
    to: from,
    source: destination,
    destination: source,
    payload: { kind: 'icmp', what: 'port unreachable', about: packet },
  };
}

/** A pattern of host names, where `*` stands for any characters. */
export function namePattern(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}

/** Why a packet does not arrive whole; `undefined` when it does. One fragment less is enough. */
function lostPart(packet: Packet, link: Link): string | undefined {
  const { flow, ordinal } = packet;
  if (link.loses(flow, ordinal)) return 'lost';
  if (link.numbers.loss === 0) return undefined;
  const fragments = fragmentsOf(packet, link.numbers.mtu);
  for (let i = 2; i <= fragments; i++) {
    if (link.loses(`${flow} fragment ${i}`, ordinal)) return `fragment ${i} of ${fragments} lost`;
  }
  return undefined;
}
