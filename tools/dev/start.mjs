// `npm start -- …`: builds what is missing, then acts as `node examples/dist/tcp_server.js …`. The
// server runs in this very process, so that signals reach it once, and its exit code is this one's.
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

build();
const server = new URL('../../examples/dist/tcp_server.js', import.meta.url);
process.argv[1] = fileURLToPath(server);
await import(server.href);
