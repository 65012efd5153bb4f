let due = 0;

/** Whether the server was started to be weighed, not timed: with `--expose-gc`. */
export const weighing = (globalThis as { gc?: () => void }).gc !== undefined;

/** When weighing: prints the bytes of the heap after a collection, at most five times a second. */
export function reportHeap(): void {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined || performance.now() < due) return;
  due = performance.now() + 200;
  gc();
  const { heapUsed, external } = process.memoryUsage();
  process.stdout.write(`heap ${heapUsed + external}\n`);
}
