// Prints the programs of testing/programs.json that are not installed, each as `command package`.
import { readFileSync } from 'node:fs';
import { findProgram } from '../../testing/src/find-program.mjs';

const file = new URL('../../testing/programs.json', import.meta.url);
const programs = JSON.parse(readFileSync(file, 'utf8'));
for (const [name, { package: debian }] of Object.entries(programs)) {
  if (findProgram(name) === undefined) console.log(`${name} ${debian}`);
}
