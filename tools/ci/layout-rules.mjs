// The rules of check-layout.mjs that look at imports and at the width of prose, as functions of
// what they look at.
import { dirname, join, normalize } from 'node:path';

const MOST_COLUMNS = 100;

/** Removes comments, so that what is left is code. */
export function withoutComments(/** @type {string} */ text) {
  return text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}

/**
 * Returns what a module imports and re-exports.
 *
 * @param {string} text
 * @returns {string[]} the specifiers, as they are written
 */
export function importsOf(text) {
  const pattern = /(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*['"]([^'"\n]+)['"]/g;
  return [...withoutComments(text).matchAll(pattern)].map(([, specifier = '']) => specifier);
}

/**
 * Finds files that import each other in a circle, types included.
 *
 * @param {ReadonlyMap<string, string>} sources the text of each file, by its path
 * @returns {string[][]} one list of paths for each circle
 */
export function findCycles(sources) {
  const targets = (/** @type {string} */ file) =>
    importsOf(sources.get(file) ?? '')
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => normalize(join(dirname(file), specifier)))
      .filter((target) => sources.has(target));
  // Tarjan's strongly connected components.
  const index = new Map();
  const low = new Map();
  /** @type {string[]} */
  const stack = [];
  /** @type {string[][]} */
  const cycles = [];
  const visit = (/** @type {string} */ file) => {
    index.set(file, index.size);
    low.set(file, index.get(file));
    stack.push(file);
    for (const target of targets(file)) {
      if (target === file) cycles.push([file]);
      if (!index.has(target)) visit(target);
      if (stack.includes(target)) low.set(file, Math.min(low.get(file), low.get(target)));
    }
    if (low.get(file) !== index.get(file)) return;
    const circle = stack.splice(stack.indexOf(file));
    if (circle.length > 1) cycles.push(circle);
  };
  for (const file of sources.keys()) if (!index.has(file)) visit(file);
  return cycles;
}

/**
 * Finds the comments of a source, or the prose of a Markdown document, that are too wide. Tables,
 * blocks of code and lines with a URL may be.
 *
 * @param {string} file
 * @param {string} text
 * @returns {number[]} the numbers of the lines
 */
export function wideProse(file, text) {
  const markdown = file.endsWith('.md');
  let fenced = false;
  /** @type {number[]} */
  const wide = [];
  text.split('\n').forEach((line, i) => {
    if (markdown && /^\s*```/.test(line)) fenced = !fenced;
    if (line.length <= MOST_COLUMNS || /https?:\/\//.test(line)) return;
    if (markdown ? !fenced && !/^\s*\|/.test(line) : isComment(line)) wide.push(i + 1);
  });
  return wide;
}

function isComment(/** @type {string} */ line) {
  return !/^\s*\* \|/.test(line) && (/^\s*(?:\/\/|\/\*|\*)/.test(line) || /\s\/\/ /.test(line));
}

/** The packages that build backends, or throw the errors of the contract. */
const BACKENDS =
  /^packages\/(?:core|net|udp|epoll|memory|sim|evloop|conformance|listenfd|service|streams)\//;

/**
 * Finds imports through the wrong entry point: those of a package's insides, and of what only
 * backends need.
 *
 * @param {string} file
 * @param {string} text
 * @param {ReadonlyMap<string, readonly string[]>} entryPoints the paths that each package exports,
 *   by its name
 * @returns {string[]} what is wrong with each
 */
export function wrongEntryPoints(file, text, entryPoints) {
  const own = /^packages\/[^/]+\//.exec(file)?.[0];
  return importsOf(text).flatMap((specifier) => {
    if (specifier.startsWith('.')) {
      const target = normalize(join(dirname(file), specifier));
      const inside = /^packages\/[^/]+\/src\//.test(target) && own !== undefined;
      if (!inside || target.startsWith(own)) return [];
      if (file.startsWith(`${own}test/`)) return [];
      return [`imports ${specifier}, which is inside another package: import the package`];
    }
    const name = /^(?:@evloop\/)?[^/]+/.exec(specifier)?.[0] ?? '';
    const paths = entryPoints.get(name);
    if (paths === undefined) return [];
    const path = `.${specifier.slice(name.length)}`;
    if (!paths.includes(path)) return [`imports ${specifier}, which ${name} does not export`];
    if (specifier !== '@evloop/core/backend' || BACKENDS.test(file)) return [];
    return [`imports ${specifier}, which is for backends: a program imports @evloop/core`];
  });
}
