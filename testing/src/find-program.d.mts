/**
 * Returns the path of a program; `undefined` where it is not installed.
 *
 * @param path the PATH to search, the process's own by default.
 */
export function findProgram(name: string, path?: string): string | undefined;
