// The code in the documentation: which blocks there are, where, and what is to become of each. The
// first word of a fence names the language, as ever; the second says what tests do with it:
//
//   ts program       a whole program: compiled and run; a third word is the name of the file in
//                    which a reader saves it
//   ts fragment      compiled, after what a comment before it gives: <!-- given … -->
//   sh run           for a clone; it ends by itself
//   sh serve         for a clone; it goes on, and the `sh client` blocks that follow talk to it
//   sh client
//   sh project       for an empty folder, with the packages from a registry: check:release --
//                    --documents runs it
//   sh               not run here: where, or why not, stands in docs/test/not-run.ts
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { marked } from 'marked';

/** The top of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * One block of code.
 *
 * @typedef {object} Block
 * @property {string} file the document, from the top of the repository
 * @property {number} line the line of its first line of code
 * @property {string} language
 * @property {string} purpose the second word of its fence, or ''
 * @property {string} name the third word of its fence, or ''
 * @property {string} text
 * @property {string} given what the comment before it declares
 */

/**
 * Every document there is: written by hand, and not about one moment in the past. @returns
 * {string[]}
 */
export function documents() {
  const args = ['ls-files', '-co', '--exclude-standard', '-z', '*.md'];
  const files = execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\0');
  return files.filter(
    (file) => /^(?!\.changeset\/|.*CHANGELOG\.md$)./.test(file) && existsSync(join(root, file)),
  );
}

/** The blocks of one document, in order. @param {string} file @returns {Block[]} */
export function blocksOf(file) {
  const text = readFileSync(join(root, file), 'utf8');
  const lines = text.split('\n');
  /** @type {Block[]} */
  const blocks = [];
  let given = '';
  let line = 0;
  marked.walkTokens(marked.lexer(text), (token) => {
    if (token.type === 'html') given = /^<!-- given\n([\s\S]*?)-->/.exec(token.raw)?.[1] ?? '';
    else if (token.type === 'code' && token.codeBlockStyle !== 'indented') {
      const info = token.lang ?? '';
      line = lines.findIndex((each, i) => i >= line && each.trim() === `\`\`\`${info}`) + 1;
      const [language = '', purpose = '', name = ''] = info.split(' ');
      blocks.push({ file, line: line + 1, language, purpose, name, text: token.text, given });
      line += token.text.split('\n').length;
      given = '';
    } else if (token.type !== 'space') given = '';
  });
  return blocks;
}

/** All blocks of all documents. @returns {Block[]} */
export function allBlocks() {
  return documents().flatMap(blocksOf);
}
