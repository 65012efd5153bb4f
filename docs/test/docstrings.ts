import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../src/blocks.mjs';
import type { Piece } from './compile.ts';

/** What examples in docstrings may take for granted, beside the names that their package exports. */
const GIVEN = [
  "import type * as given from '@evloop/core';",
  "import type { MessagePort, Worker } from 'node:worker_threads';",
  'declare const poll: given.Poll, listener: given.TcpListener, stream: given.TcpStream, socket: given.UdpSocket;',
  'declare const SERVER: given.Token, waker: given.Waker, worker: Worker, parentPort: MessagePort, buffer: Uint8Array;',
  'declare const RemoteWaker: given.RemoteWakerConstructor, error: unknown;',
  'declare let dropped: number; declare function acceptAll(): void; declare function handle(line: Uint8Array): void;',
];

/** The examples in the docstrings of the published packages: TypeScript in a fence. */
export function docstringExamples(): Piece[] {
  return readdirSync(join(root, 'packages')).flatMap((name) => {
    const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
    const exported = exportedNames(`packages/${name}/src/index.ts`);
    return readdirSync(join(root, 'packages', name, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => examplesOf(`packages/${name}/src/${file}`, manifest.name, exported));
  });
}

function examplesOf(file: string, name: string, exported: readonly string[]): Piece[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/^ *\* ```ts\n([\s\S]*?)^ *\* ```$/gm)].map((match) => {
    const code = (match[1] ?? '').replaceAll(/^ *\* ?/gm, '');
    const line = text.slice(0, match.index).split('\n').length + 1;
    // One that begins with imports stands alone.
    if (/^import /.test(code)) return { file, line, text: code };
    // Core has only the type; the class is a backend's.
    const values = exported.filter((each) => each !== 'RemoteWaker');
    const used = values.filter((each) => new RegExp(`\\b${each}\\b`).test(code));
    const imports = `import { ${used.join(', ')} } from '${name}';`;
    const given = `${imports} ${GIVEN.join(' ')} export async function example() {`;
    return { file, line, given, text: `${code}}` };
  });
}

/** The names that an index exports, from here and from elsewhere. */
function exportedNames(index: string): string[] {
  const text = readFileSync(join(root, index), 'utf8');
  const lists = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].map(([, list = '']) => list);
  const listed = lists.flatMap((list) => list.split(',').map((each) => each.trim()));
  const here = [...text.matchAll(/^export (?:const|function) (\w+)/gm)].map(
    ([, each = '']) => each,
  );
  return [...new Set([...here, ...listed.map((each) => each.split(' as ').at(-1) ?? '')])].filter(
    (each) => each !== '',
  );
}
