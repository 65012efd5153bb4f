// The recipes of docs/packaging.md: for each block of commands, the files of its section.
import { readFileSync } from 'node:fs';

/** @returns `{ title, files, commands }` of each block of commands, in order. */
export function readRecipes(page) {
  const sections = readFileSync(page, 'utf8').split(/^## /m).slice(1);
  return sections.flatMap((section) => {
    const [title] = section.split('\n', 1);
    const blocks = [...section.matchAll(/```(sh|text)\n(.*?)```/gs)];
    const files = blocks.flatMap(([, language, text]) => {
      const [, name, content] = /^\/\/ (\S+)\n(.*)$/s.exec(text) ?? [];
      return language === 'text' && name !== undefined ? [{ name, content }] : [];
    });
    return blocks
      .filter(([, language]) => language === 'sh')
      .map(([, , text]) => ({ title, files, commands: text.trim().split('\n') }));
  });
}
