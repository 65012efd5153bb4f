import { mkdtempSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Gives a file another name, if it is there and that is possible, and answers with what gives it back its own. */
export function setAside(path: string): () => void {
  let folder: string | undefined;
  try {
    // A folder of its own, so that nothing is in the way.
    folder = mkdtempSync(`${path}.`);
    const aside = join(folder, 'socket');
    renameSync(path, aside);
    const made = folder;
    return () => {
      renameSync(aside, path);
      rmdirSync(made);
    };
  } catch {
    if (folder !== undefined) rmdirSync(folder);
    return () => {};
  }
}

/** Removes a file, unless somebody else has done so, or it is not to be. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // What is left is in the way of the next bind, which says so.
  }
}
