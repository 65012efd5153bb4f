// evloop-sim run examples/dist/simulations/broadcast-server.js --seeds 1..1000
//
// broadcast_server with five clients: see broadcast-clients.ts.
import { simulateBroadcast } from './broadcast-clients.ts';

await simulateBroadcast('broadcast-server', 5);
