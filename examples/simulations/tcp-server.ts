// evloop-sim run examples/dist/simulations/tcp-server.js --seeds 1..1000
//
// tcp_server with three clients, on a network with every fault. What a client says comes back in
// order and whole, or the client gets an error. In the end SIGTERM drains the server.
import { simulate, swarm } from '@evloop/sim';
import { addEchoClients } from './echo-clients.ts';
import { example, SMALL_BUFFERS } from './examples.ts';

const options = { name: 'tcp-server', until: '2000s', faults: swarm(), tcp: SMALL_BUFFERS };

await simulate(options, async (sim) => {
  const web = sim.host('web', { ip: '10.0.0.1' }, example('tcp_server', '--host', '0.0.0.0'));
  const clients = addEchoClients(sim, 3, '10.0.0.1:9000', [web]);
  await sim.run('20s');
  sim.heal();
  await sim.eventually('every client is served', clients.served, '600s');
  sim.signal(web, 'SIGTERM');
  await sim.eventually('the server has drained', () => web.process?.alive === false, '60s');
});
