/** Something that will happen at a time, in nanoseconds. */
export class ScheduledEvent {
  readonly time: number;
  /** Orders events of the same time. */
  readonly tie: number;
  readonly sequence: number;
  /** An event that alone does not keep the simulation going: the end of a TIME_WAIT. */
  readonly weak: boolean;
  fire: (() => void) | undefined;

  constructor(time: number, tie: number, sequence: number, weak: boolean, fire: () => void) {
    this.time = time;
    this.tie = tie;
    this.sequence = sequence;
    this.weak = weak;
    this.fire = fire;
  }
}

/** A binary heap of events, the earliest first: by time, then by tie, then by sequence. */
export class EventHeap {
  readonly #heap: ScheduledEvent[] = [];

  get length(): number {
    return this.#heap.length;
  }

  peek(): ScheduledEvent | undefined {
    return this.#heap[0];
  }

  push(event: ScheduledEvent): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up] as ScheduledEvent;
      if (!before(event, parent)) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = event;
  }

  pop(): ScheduledEvent | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= heap.length) break;
      const right = heap[down + 1];
      if (right !== undefined && before(right, heap[down] as ScheduledEvent)) down++;
      const child = heap[down] as ScheduledEvent;
      if (!before(child, last)) break;
      heap[at] = child;
      at = down;
    }
    heap[at] = last;
    return first;
  }
}

function before(a: ScheduledEvent, b: ScheduledEvent): boolean {
  if (a.time !== b.time) return a.time < b.time;
  if (a.tie !== b.tie) return a.tie < b.tie;
  return a.sequence < b.sequence;
}
