// The API reference, from the docstrings: a site in docs/build/reference. What is exported and not documented, and a link that
// leads nowhere, is an error. Run: npm run docs
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toolFolder } from './tool-folder.mjs';

const typedoc = join(toolFolder('typedoc'), 'bin/typedoc');
const cwd = fileURLToPath(new URL('../../docs', import.meta.url));
const { status } = spawnSync(process.execPath, [typedoc, ...process.argv.slice(2)], {
  cwd,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
