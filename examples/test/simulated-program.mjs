// A program for simulations.test.ts: prints who it is, and ends with SIGTERM.
import process from 'node:process';

const [, , name] = process.argv;
process.stdout.write(`${name} of ${process.env['EVLOOP_BACKEND']}\n`);
if (name === 'fails') {
  process.stderr.write('no luck\n');
  process.exit(3);
}
process.on('SIGTERM', () => {
  process.stdout.write(`${name} ends\n`);
  process.exit();
});
await new Promise((resolve) => setTimeout(resolve, 5000));
