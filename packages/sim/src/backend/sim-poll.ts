import type { Events } from '@evloop/core';
import { Poll } from '@evloop/core/backend';
import type { Closable, Process } from '../host/process.ts';
import { SimSelector } from './sim-selector.ts';

/** The poll of a simulated process. */
export class SimPoll extends Poll implements Closable {
  readonly process: Process;
  readonly selector: SimSelector;

  constructor(process: Process) {
    process.checkAlive();
    const selector = new SimSelector(process);
    process.descriptors.take('epoll_create');
    super(selector);
    this.process = process;
    this.selector = selector;
    process.open.add(this);
    process.polls.add(this);
  }

  /** The process has ended: the poll never answers. */
  kill(): void {
    this.selector.close();
  }

  override close(): void {
    if (!this.closed) {
      this.process.open.delete(this);
      this.process.polls.delete(this);
      this.process.descriptors.release();
    }
    super.close();
  }

  protected override collect(events: Events): number {
    const { host } = this.process;
    if (!this.process.alive) return 0;
    if (host.paused) {
      host.whenResumed(() => this.process.enter(() => this.selector.look()));
      return 0;
    }
    this.process.charge(host.pollCost);
    if (host.simulation.quirks.spurious > 0) this.process.reportFalsely(this.registry);
    return super.collect(events);
  }

  protected override countAnswer(events: Events): number {
    const count = super.countAnswer(events);
    this.process.simulation.trace.polled(this.process.host, events);
    return count;
  }
}
