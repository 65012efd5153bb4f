interface Host {
  setImmediate?(callback: () => void): unknown;
  setTimeout(callback: () => void, delayMs: number): unknown;
}

const host = globalThis as unknown as Host;

/** Resolves after the host's own loop has turned once. */
export function hostTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (host.setImmediate !== undefined) host.setImmediate(resolve);
    else host.setTimeout(resolve, 0);
  });
}
