#!/usr/bin/env node
// Stands here before anything is built, so that package managers can link it.
import('../dist/cli.js').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  const what = `create-evloop: not built, or not installed completely: ${error.message}`;
  process.stderr.write(`${what}\nIn a clone, run \`npm run build\` first.\n`);
  process.exitCode = 1;
});
