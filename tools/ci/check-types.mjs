// Are the types of a packed package right for who imports it? The check of are-the-types-wrong, with its profile
// "esm-only": what only require() or the old resolution of TypeScript would see does not count.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { toolFolder } from './tool-folder.mjs';

const IGNORED = ['node10', 'node16-cjs'];
const tool = (file) =>
  import(pathToFileURL(join(toolFolder('@arethetypeswrong/core'), 'dist', file)).href);

/** The problems, each in words; none for a package whose types are right. */
export async function typeProblems(tarball) {
  const { checkPackage, createPackageFromTarballData } = await tool('index.js');
  const { getResolutionKinds } = await tool('utils.js');
  const result = await checkPackage(createPackageFromTarballData(readFileSync(tarball)));
  if (!result.types) return ['attw: the package has no types'];
  return result.problems
    .filter((problem) => !isIgnored(problem, getResolutionKinds))
    .map((problem) => `attw: ${JSON.stringify(problem)}`);
}

function isIgnored(problem, getResolutionKinds) {
  if (problem.resolutionKind) return IGNORED.includes(problem.resolutionKind);
  if (problem.resolutionOption) {
    return getResolutionKinds(problem.resolutionOption).every((kind) => IGNORED.includes(kind));
  }
  return false;
}
