import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../src/blocks.mjs';
import type { Piece } from './compile.ts';

/**
 * What examples in docstrings may take for granted, beside the names that their package exports.
 */
const GIVEN = [
  "import type * as given from '@evloop/core';",
  "import type { MessagePort, Worker } from 'node:worker_threads';",
  'declare const poll: given.Poll, listener: given.TcpListener, stream: given.TcpStream, socket: given.UdpSocket;',
  'declare const SERVER: given.Token, waker: given.Waker, worker: Worker, parentPort: MessagePort, buffer: Uint8Array;',
  'declare const RemoteWaker: given.RemoteWakerConstructor, error: unknown;',
  "declare const backend: given.Backend, loop: import('@evloop/service').Loop;",
  'declare let dropped: number; declare function acceptAll(): void; declare function handle(line: Uint8Array): void;',
];

/** What an entry point exports. */
interface EntryPoint {
  /** As an import names it: `@evloop/core/backend`. */
  readonly specifier: string;
  readonly names: readonly string[];
}

/** The examples in the docstrings of the published packages: TypeScript in a fence. */
export function docstringExamples(): Piece[] {
  return readdirSync(join(root, 'packages')).flatMap((name) => {
    const entries = entryPoints(name);
    return readdirSync(join(root, 'packages', name, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => examplesOf(`packages/${name}/src/${file}`, entries));
  });
}

function entryPoints(folder: string): EntryPoint[] {
  const manifest = JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8'));
  const exports: Record<string, { '@evloop/source': string }> = manifest.exports;
  return Object.entries(exports).map(([path, entry]) => ({
    specifier: join(manifest.name, path),
    names: exportedNames(join('packages', folder, entry['@evloop/source'])),
  }));
}

function examplesOf(file: string, entries: readonly EntryPoint[]): Piece[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/^ *\* ```ts\n([\s\S]*?)^ *\* ```$/gm)].map((match) => {
    const code = (match[1] ?? '').replaceAll(/^ *\* ?/gm, '');
    const line = text.slice(0, match.index).split('\n').length + 1;
    // One that begins with imports stands alone.
    if (/^import /.test(code)) return { file, line, text: code };
    const imports = entries.map((entry, i) => importOf(entry, code, entries.slice(0, i)));
    const given = `${imports.join(' ')} ${GIVEN.join(' ')} export async function example() {`;
    return { file, line, given, text: `${code}}` };
  });
}

/** The import of what `code` names, except what an entry point before this one exports too. */
function importOf(entry: EntryPoint, code: string, before: readonly EntryPoint[]): string {
  const used = entry.names
    // Core has only the type; the class is a backend's.
    .filter((each) => each !== 'RemoteWaker')
    .filter((each) => !before.some(({ names }) => names.includes(each)))
    .filter((each) => new RegExp(`\\b${each}\\b`).test(code));
  return `import { ${used.join(', ')} } from '${entry.specifier}';`;
}

/** The names that an index exports, from here and from elsewhere. */
function exportedNames(index: string): string[] {
  const text = readFileSync(join(root, index), 'utf8');
  const lists = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].map(([, list = '']) => list);
  const listed = lists.flatMap((list) => list.split(',').map((each) => each.trim()));
  const here = [...text.matchAll(/^export (?:const|function) (\w+)/gm)].map(
    ([, each = '']) => each,
  );
  const all = text.includes("export * from '@evloop/core';")
    ? exportedNames('packages/core/src/index.ts')
    : [];
  return [
    ...new Set([...here, ...listed.map((each) => each.split(' as ').at(-1) ?? ''), ...all]),
  ].filter((each) => each !== '');
}
