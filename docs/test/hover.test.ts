// What an editor shows when the pointer rests on a name that is imported from evloop.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../src/blocks.mjs';

// The workspace's compiler is native and has no language service. typedoc's compiler has one.
const ts = createRequire(join(root, 'tools/package.json'))('typescript');

const NAMES = [
  ...['Poll', 'TcpListener', 'TcpStream', 'UdpSocket', 'UnixListener', 'UnixStream'],
  ...['RemoteWaker', 'Token', 'Events', 'Registry'],
];

/**
 * Returns the first paragraph of what an editor shows for each name, imported from each module.
 */
function hoverTexts(...modules: string[]): Record<string, string>[] {
  const files = new Map(
    modules.map((module, i) => [
      join(root, `docs/test/hover-${i}.ts`),
      `import { ${NAMES.join(', ')} } from '${module}';\n`,
    ]),
  );
  const read = (name: string): string | undefined => files.get(name) ?? ts.sys.readFile(name);
  const options = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ESNext,
    customConditions: ['@evloop/source'],
    allowImportingTsExtensions: true,
    noEmit: true,
    types: [],
  };
  const service = ts.createLanguageService({
    getScriptFileNames: () => [...files.keys()],
    getScriptVersion: () => '1',
    getScriptSnapshot: (name: string) => {
      const text = read(name);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => root,
    getCompilationSettings: () => options,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name: string) => files.has(name) || ts.sys.fileExists(name),
    readFile: read,
    directoryExists: ts.sys.directoryExists,
    realpath: ts.sys.realpath,
  });
  const texts = [...files].map(([file, text]) =>
    Object.fromEntries(
      NAMES.map((name) => {
        const info = service.getQuickInfoAtPosition(file, text.indexOf(name));
        return [name, ts.displayPartsToString(info?.documentation).split('\n\n')[0]];
      }),
    ),
  );
  service.dispose();
  return texts;
}

test('a name imported from evloop shows the first paragraph of the contract', () => {
  const of = (name: string): string => join(root, 'packages', name, 'src/index.ts');
  const [contract, umbrella] = hoverTexts(of('core'), of('evloop'));
  expect(contract?.['TcpStream']).toMatch(/^A TCP connection, connecting or connected\./);
  expect(umbrella).toEqual(contract);
});
