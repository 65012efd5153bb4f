import type { Readiness } from '@evloop/core';
import { readyList } from '@evloop/core/backend';
import { MemoryPoll } from '../../memory/src/memory-poll.ts';

/** Wrong: knows conditions that hold, and not what is told once. */
export class LosesPulses extends MemoryPoll {
  constructor() {
    super();
    const list = this.registry[readyList];
    const add = list.add.bind(list);
    list.add = (entry) => {
      if ((entry.source as Readiness).condition !== 0) add(entry);
    };
  }
}
