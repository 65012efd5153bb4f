// npm run bench -- …: measures, and prints, writes and draws the result. `--help` names the
// options.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareResults, renderComparison } from './src/compare.ts';
import { measureAll } from './src/measure-all.ts';
import { HELP, type Options, parseOptions } from './src/options.ts';
import { Progress } from './src/progress.ts';
import { renderPage } from './src/report-page.ts';
import { renderText } from './src/report-text.ts';
import type { Result } from './src/result.ts';

async function main(options: Options): Promise<void> {
  const old = options.compare === undefined ? undefined : read(options.compare);
  const json = join(options.output, 'result.json');
  const page = join(options.output, 'report.html');
  mkdirSync(options.output, { recursive: true });
  const save = (result: Result) => writeFileSync(json, `${JSON.stringify(result, null, 1)}\n`);
  const result = options.report === undefined ? await measure(options, save) : read(options.report);
  writeFileSync(page, renderPage(result));
  console.log(renderText(result));
  if (old !== undefined) console.log(renderComparison(compareResults(old, result)));
  console.log(`${json}\n${page}`);
  const failed = result.cases.some(({ rows }) => rows.some((row) => row.failure !== undefined));
  if (failed) process.exitCode = 1;
}

async function measure(options: Options, save: (result: Result) => void): Promise<Result> {
  const result = await measureAll(options, new Progress(), save);
  save(result);
  return result;
}

function read(file: string): Result {
  const result = JSON.parse(readFileSync(file, 'utf8')) as Result;
  if (result.format !== 1) throw new Error(`${file} is no result of this benchmark`);
  return result;
}

process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
try {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) console.log(HELP);
  else await main(options);
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
