import { currentProcess } from '../src/host/current.ts';
import { type Like, type SimulateOptions, simulate } from '../src/index.ts';

/** Runs a test inside the only host of a simulation. */
export async function inside(
  run: () => Promise<void>,
  options: SimulateOptions = {},
  like?: Like,
): Promise<void> {
  let done = false;
  await simulate({ until: '20000s', ...options }, async (sim) => {
    sim.host('one', { files: 100_000, like }, async () => {
      await run();
      done = true;
    });
    await sim.run();
    if (!done) await sim.eventually('the test ends', () => done, '1s');
  });
}

/** The clock of the host that the code runs in. */
export const clock = {
  now: (): number => currentProcess().clock.now(),
  setTimeout: (callback: () => void, delayMs: number): unknown =>
    currentProcess().timers.setTimeout(callback, delayMs),
  clearTimeout: (timer: unknown): void => currentProcess().timers.clear(timer),
};

/** Fills the table of descriptors of the host that the code runs in. */
export const descriptors = {
  hindrance: undefined,
  async full() {
    const { descriptors } = currentProcess();
    const limit = descriptors.limit;
    descriptors.limit = descriptors.open;
    return {
      async fill(): Promise<void> {
        descriptors.limit = descriptors.open;
      },
      freeOne(): void {
        descriptors.limit++;
        descriptors.recover();
      },
      close(): void {
        descriptors.limit = limit;
        descriptors.recover();
      },
    };
  },
};
