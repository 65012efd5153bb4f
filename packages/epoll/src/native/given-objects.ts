/** The two native objects, and the error of the first that does not load. */
export interface GivenObjects {
  readonly epoll?: unknown;
  /** Node alone loads it, so it may be a getter. */
  readonly watch?: unknown;
  readonly error?: unknown;
}

let given: GivenObjects | undefined;

/** Uses these objects instead of searching the disk. Call it before the package is evaluated. */
export function giveObjects(objects: GivenObjects): void {
  given = objects;
}

/** The objects of the last {@link giveObjects}. */
export function givenObjects(): GivenObjects | undefined {
  return given;
}
