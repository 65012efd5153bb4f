import { programName, reason } from './program.ts';

/**
 * Lets a server outlive whoever reads what it prints: after `npm start | head -1` it goes on, and what it prints is lost. That is
 * said once, on standard error.
 */
export function outliveOutput(): void {
  process.stdout.once('error', (error) => {
    // Whatever is printed afterwards fails as well.
    process.stdout.on('error', () => {});
    console.error(
      `${programName()}: cannot write to standard output: ${reason(error)}; going on without it`,
    );
  });
  process.stderr.on('error', () => {});
}
