/**
 * The compiler options of a project outside the workspace whose author is strict and checks
 * declarations too.
 */
export const compilerOptions = {
  strict: true,
  target: 'es2022',
  lib: ['es2023', 'esnext.disposable', 'dom'],
  module: 'nodenext',
  types: ['node'],
  skipLibCheck: false,
  outDir: 'out',
};
