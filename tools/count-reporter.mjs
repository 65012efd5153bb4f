// A vitest reporter whose only output is the closing line `N passed, N failed, N skipped`.
// A file that could not be loaded, and an error outside any test, each count as one failure.
export default class CountReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    let broken = unhandledErrors.length;
    for (const module of modules) {
      if (module.errors().length > 0) broken += 1;
      for (const test of module.children.allTests()) count[test.result().state] += 1;
      for (const suite of module.children.allSuites()) {
        if (suite.errors().length > 0) broken += 1;
      }
    }
    const failed = count.failed + count.pending + broken;
    const line = `\n${count.passed} passed, ${failed} failed, ${count.skipped} skipped\n`;
    // At exit, so that it is the last line whatever the other reporters still have to say.
    process.on('exit', () => process.stdout.write(line));
    if (failed > 0) process.exitCode = 1;
  }
}
