import { host, type Leftover, type Origin, unwatchOrigin, watchOrigin } from '@evloop/core/backend';
import { native } from '../native/native.ts';

/** A source that the program may never register or close. */
export interface Losable {
  /** Begins to watch the source, if it is still neither registered nor closed. */
  watch(): void;
}

/** The most sources that are held in a thread whose loop never turns, and which never polls. */
const MOST_NEW = 64;

/**
 * Watching a source costs a microsecond and as much memory as the source itself. Almost all sources
 * are registered as soon as they are made, and a registered source cannot be lost. So new sources
 * are held here until the end of the job or the next poll, and only the remaining ones are watched.
 */
const unwatched: Losable[] = [];
let queued = false;

/** Watches `source` after a while, if it is then neither registered nor closed. */
export function watchLater(source: Losable): void {
  if (unwatched.push(source) === MOST_NEW) watchFresh();
  // One job at a time: in a thread that only blocks, none ever runs.
  if (queued) return;
  queued = true;
  host.queueMicrotask(onMicrotask);
}

function onMicrotask(): void {
  queued = false;
  watchFresh();
}

/** For threads without microtasks. They call it when they poll. */
export function watchFresh(): void {
  if (unwatched.length === 0) return;
  for (const source of unwatched) source.watch();
  unwatched.length = 0;
}

/** A descriptor that only the garbage collector closes. */
class Descriptor implements Leftover {
  readonly fd: number;
  readonly origin: Origin;

  constructor(fd: number, origin: Origin) {
    this.fd = fd;
    this.origin = origin;
  }

  release(): void {
    native.close(this.fd);
  }
}

/** Watches a source, until {@link unwatchOrigin} of the result. */
export function watchDescriptor(source: object, fd: number, origin: Origin): Leftover {
  const leftover = new Descriptor(fd, origin);
  watchOrigin(source, leftover);
  return leftover;
}

export { unwatchOrigin };
