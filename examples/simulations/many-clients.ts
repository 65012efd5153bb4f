// evloop-sim run examples/dist/simulations/many-clients.js --seeds 1..20
//
// broadcast_server with fifty clients: see broadcast-server.ts.
import { simulateBroadcast } from './broadcast-clients.ts';

await simulateBroadcast('many-clients', 50);
