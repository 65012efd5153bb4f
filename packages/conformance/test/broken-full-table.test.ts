// Backends that are wrong when no descriptor is free. Memory needs none, so these listeners take
// one for each connection, as others do.
import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import * as core from '@evloop/core';
import * as base from '@evloop/core/backend';
import { test } from 'vitest';
import type { Parts } from '../../memory/src/memory-backend.ts';
import { MemoryListener } from '../../memory/src/memory-listener.ts';
import type { MemoryStream } from '../../memory/src/memory-stream.ts';
import { processTable } from '../src/descriptor-table.ts';
import { firstFailure } from './first-failure.ts';

const CHAPTER = 'full descriptor table';
const { READABLE } = core.Ready;

/** Does as it should: says so, keeps who waits, and tries again by itself. */
class TakesDescriptors extends MemoryListener {
  override accept(): MemoryStream | core.WouldBlock {
    if (this.queue.length === 0 || descriptorIsFree()) return super.accept();
    return this.refuseNow();
  }

  protected refuseNow(): MemoryStream | core.WouldBlock {
    this.readiness.clear(READABLE);
    this.readiness.set(READABLE);
    throw base.systemError('EMFILE', 'accept');
  }
}

class SaysNothingOfTheKind extends TakesDescriptors {
  protected override refuseNow(): never {
    this.readiness.set(READABLE);
    throw new Error('accept: too many open files');
  }
}

class NamesAnotherCall extends TakesDescriptors {
  protected override refuseNow(): never {
    this.readiness.set(READABLE);
    throw base.systemError('EMFILE', 'open');
  }
}

class ForgetsWhoWaits extends TakesDescriptors {
  protected override refuseNow(): never {
    this.queue.length = 0;
    throw base.systemError('EMFILE', 'accept');
  }
}

class ListensNoMore extends TakesDescriptors {
  protected override refuseNow(): never {
    this.release();
    throw base.systemError('EMFILE', 'accept');
  }
}

class StallsUntilTheNextClient extends TakesDescriptors {
  protected override refuseNow(): never {
    this.readiness.clear(READABLE);
    throw base.systemError('EMFILE', 'accept');
  }
}

class TurnsAway extends TakesDescriptors {
  protected override refuseNow(): MemoryStream | core.WouldBlock {
    for (const stream of this.queue.splice(0)) stream.reset();
    return this.accept();
  }
}

function descriptorIsFree(): boolean {
  try {
    closeSync(openSync('/dev/null', 'r'));
    return true;
  } catch {
    return false;
  }
}

const supports = { acceptRecovery: true };
const broken: [what: string, parts: Partial<Parts>][] = [
  ['throws an unknown error', { Listener: SaysNothingOfTheKind }],
  ['names another call', { Listener: NamesAnotherCall }],
  ['forgets who waits', { Listener: ForgetsWhoWaits }],
  ['listens no more', { Listener: ListensNoMore }],
  [
    'stalls until the next client, and claims to recover',
    { Listener: StallsUntilTheNextClient, supports },
  ],
  ['turns away who waits, and claims to recover', { Listener: TurnsAway, supports }],
];
const right: [what: string, parts: Partial<Parts>][] = [
  ['recovers', { Listener: TakesDescriptors, supports }],
  [
    'stalls until the next client, and does not claim to recover',
    { Listener: StallsUntilTheNextClient },
  ],
  ['turns away who waits, and does not claim to recover', { Listener: TurnsAway }],
];

const { hindrance } = processTable;
const testHere = hindrance === undefined ? test : test.skip;
const skipped = hindrance === undefined ? '' : ` (skipped: ${hindrance})`;

for (const [what, parts] of broken) {
  testHere(`a backend that ${what} is caught by ‘${CHAPTER}’${skipped}`, async () => {
    assert.notEqual(await firstFailure(CHAPTER, parts, 300), undefined);
  });
}

for (const [what, parts] of right) {
  testHere(`a backend that ${what} is not caught${skipped}`, async () => {
    assert.equal(await firstFailure(CHAPTER, parts, 60_000), undefined);
  });
}
