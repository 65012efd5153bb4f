// Compiles with TypeScript 5 in this process: starting it takes longer than compiling, and all
// configurations share the files.
import ts from 'typescript-5';

const parsed = new Map();

/** Returns the errors of a program, a line each. */
export function compileWith5(folder, files, options) {
  const { options: compilerOptions } = ts.convertCompilerOptionsFromJson(options, folder);
  const host = ts.createCompilerHost(compilerOptions);
  host.getCurrentDirectory = () => folder;
  const { getSourceFile } = host;
  host.getSourceFile = (file, version, ...rest) => {
    const { languageVersion, impliedNodeFormat } = Object(version);
    const key = `${languageVersion} ${impliedNodeFormat} ${file}`;
    if (!parsed.has(key)) parsed.set(key, getSourceFile(file, version, ...rest));
    return parsed.get(key);
  };
  const program = ts.createProgram({ rootNames: files, options: compilerOptions, host });
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ');
    return `${diagnostic.file?.fileName ?? ''}: TS${diagnostic.code}: ${message}`;
  });
}
