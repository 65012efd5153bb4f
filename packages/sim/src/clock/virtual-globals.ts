/** Runs `run` with virtual globals. */
export async function withVirtualGlobals<T>(run: () => Promise<T>): Promise<T> {
  return run();
}
