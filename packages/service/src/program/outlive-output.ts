import process from 'node:process';
import { programName } from './command-line.ts';
import { reason } from './failure.ts';

/**
 * Lets a server outlive whatever reads its output: after `npm start | head -1` it goes on, and what
 * it prints is lost. It says so once, on standard error.
 */
export function outliveOutput(): void {
  process.stdout.once('error', (error) => {
    // Whatever is printed afterwards fails as well.
    process.stdout.on('error', () => {});
    const why = reason(error);
    process.stderr.write(
      `${programName()}: cannot write to standard output: ${why}; going on without it\n`,
    );
  });
  process.stderr.on('error', () => {});
}
