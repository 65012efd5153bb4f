import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../src/blocks.mjs';

/** A piece of the documentation as a module: where it is from, and its text. */
export interface Piece {
  readonly file: string;
  /** The line of the document on which the text begins. */
  readonly line: number;
  readonly text: string;
  /** What stands before it in the module, and not in the document. */
  readonly given?: string;
}

/** A piece's module, without its ending. */
export function moduleOf({ file, line }: Piece): string {
  return `${file.replaceAll(/[/.]/g, '-')}-${line}`;
}

/**
 * Compiles pieces as a reader would, each as a module beside an installed evloop; with `emit`,
 * leaves the JavaScript in the folder.
 *
 * @returns the compiler's messages, with the lines of the documents; empty when all is well.
 */
export function compile(folder: string, pieces: readonly Piece[], emit = false): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // What the documentation calls the reader's own backend.
  writeFileSync(join(folder, 'my-backend.ts'), "export * from '@evloop/net';\n");
  for (const piece of pieces) {
    // Line by line as in the document, so that the compiler names the document's lines.
    const given = (piece.given ?? '').trim().replaceAll('\n', ' ');
    const padding = '\n'.repeat(piece.line - 2);
    const text = `${padding}${given}\n${piece.text}\nexport {};\n`;
    writeFileSync(join(folder, `${moduleOf(piece)}.ts`), text);
  }
  const compilerOptions = {
    // Unused names are no mistake in a piece, and declarations are not needed.
    ...{ noUnusedLocals: false, noUnusedParameters: false, isolatedDeclarations: false },
    ...{ declaration: false, declarationMap: false, sourceMap: false },
    // Whoever imports a type for use as one need not say so.
    ...{ verbatimModuleSyntax: false, customConditions: ['@evloop/source'] },
    ...(emit ? { rootDir: '.', outDir: '.' } : { noEmit: true }),
  };
  const config = { extends: join(root, 'tsconfig.base.json'), compilerOptions };
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ ...config, include: ['*.ts'], exclude: [] }),
  );
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const args = [tsc, '-p', folder, '--pretty', 'false'];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return status === 0 ? '' : `${stdout}${stderr}`;
}
