import { readFileSync } from 'node:fs';

/** The commands that the documentation of an example shows. */
export interface Documented {
  /** Those that start it. */
  readonly starts: readonly string[];
  /** Those that try it, once it runs. */
  readonly tries: readonly string[];
}

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
const COMMAND = /^(?:node|printf|ncat|socat|dig|systemd-socket-activate|kill) /;

/**
 * All commands of an example: of its section in `examples/README.md`, and of the comment at its
 * head.
 */
export function documented(name: string): Documented {
  const commands = [...new Set([...ofReadme(name), ...ofHead(name)])];
  const starting = new RegExp(`^(systemd-socket-activate .*)?node examples/dist/${name}\\.js`);
  return {
    starts: commands.filter((command) => starting.test(command)),
    tries: commands.filter((command) => !starting.test(command)),
  };
}

/** The names of the examples: those that have a section in `examples/README.md`. */
export function sections(): string[] {
  return [...read('README.md').matchAll(/^## (\w+_\w+|supervisor)\b/gm)].map(
    ([, name]) => name as string,
  );
}

function ofReadme(name: string): string[] {
  const section = new RegExp(`^## ${name}\\b([\\s\\S]*?)(?=^## |(?![\\s\\S]))`, 'm');
  const blocks = section.exec(read('README.md'))?.[1]?.matchAll(/^```sh\n([\s\S]*?)^```/gm) ?? [];
  return [...blocks].flatMap(([, block]) => (block as string).trim().split('\n'));
}

function ofHead(name: string): string[] {
  const head = /^(?:\/\/.*\n)*/.exec(read(`${name}.ts`))?.[0] ?? '';
  return (
    head
      .split('\n')
      .map((line) => line.replace(/^\/\/ */, ''))
      .filter((line) => COMMAND.test(line))
      // What stands far to the right is about the command.
      .map((line) => line.split(/ {2,}/, 1)[0] as string)
  );
}
