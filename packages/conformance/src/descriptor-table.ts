import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync } from 'node:fs';

/**
 * Free places below the limit: for descriptors opened before the table is full, and for the program
 * that restores the limit.
 */
const SPARE = 64;

/** A full table of descriptors. */
export interface FullTable {
  /** Takes the places that have become free. */
  fill(): Promise<void>;
  /** Frees one place. */
  freeOne(): void;
  /** Frees all places. A second call does nothing. */
  close(): void;
}

/** How to fill the table of a backend's descriptors. */
export interface DescriptorLimit {
  /** Why it cannot be filled here; `undefined` if it can. */
  readonly hindrance: string | undefined;
  /** Fills the table. @param turn gives the host's loop a turn. */
  full(turn: () => Promise<void>): Promise<FullTable>;
}

/** The table of this process. */
export const processTable: DescriptorLimit = {
  get hindrance() {
    return DescriptorTable.hindrance;
  },
  full: (turn) => DescriptorTable.full(turn),
};

/**
 * The full table of this process's descriptors. No API of a runtime lowers the limit, so
 * util-linux's `prlimit` does, from outside. Opening all descriptors that a process may have would
 * take seconds if the limit is a million.
 */
class DescriptorTable implements FullTable {
  readonly #limit: string;
  readonly #turn: () => Promise<void>;
  readonly #fillers: number[] = [];

  private constructor(limit: string, turn: () => Promise<void>) {
    this.#limit = limit;
    this.#turn = turn;
  }

  /** Why the table cannot be filled here. */
  static get hindrance(): string | undefined {
    if (process.platform !== 'linux') return 'the limit of descriptors is lowered on Linux alone';
    const { status } = spawnSync('prlimit', ['--version'], { stdio: 'ignore' });
    return status === 0 ? undefined : 'there is no prlimit to lower the limit of descriptors';
  }

  /** Lowers the limit, and fills the table. */
  static async full(turn: () => Promise<void>): Promise<DescriptorTable> {
    const open = readdirSync('/proc/self/fd').map(Number);
    const table = new DescriptorTable(
      prlimit('--nofile', '--output=SOFT', '--noheadings', '--raw').trim(),
      turn,
    );
    prlimit(`--nofile=${Math.max(...open) + SPARE}:`);
    await table.fill();
    return table;
  }

  /** Takes the free places. Waits for descriptors that are being closed. */
  async fill(): Promise<void> {
    while (this.#takeAll()) await this.#turn();
  }

  /** Frees one place. */
  freeOne(): void {
    const fd = this.#fillers.pop();
    if (fd !== undefined) closeSync(fd);
  }

  /** Frees all places. A second call does nothing. */
  close(): void {
    if (this.#fillers.length === 0) return;
    for (const fd of this.#fillers.splice(0)) closeSync(fd);
    prlimit(`--nofile=${this.#limit}:`);
  }

  /** Takes the free places, and returns whether there were any. */
  #takeAll(): boolean {
    const before = this.#fillers.length;
    try {
      while (true) this.#fillers.push(openSync('/dev/null', 'r'));
    } catch {
      return this.#fillers.length > before;
    }
  }
}

/** Reads or changes the limit of this process. */
function prlimit(...options: string[]): string {
  const args = [`--pid=${process.pid}`, ...options];
  const { status, stdout, stderr, error } = spawnSync('prlimit', args, { encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`prlimit ${args.join(' ')}: ${error?.message ?? stderr}`);
}
