// evloop-sim run examples/dist/simulations/tcp-proxy.js --seeds 1..1000
//
// tcp_proxy between tcp_server and two clients, which end their side when they have said all. What
// they said comes back in order and whole, and then the end; or they get an error, or the proxy
// reports one: it ends both sides when one of them is reset.
import { simulate, swarm } from '@evloop/sim';
import { addEchoClients } from './echo-clients.ts';
import { example, SMALL_BUFFERS } from './examples.ts';

const options = { name: 'tcp-proxy', until: '2000s', faults: swarm(), tcp: SMALL_BUFFERS };

await simulate(options, async (sim) => {
  const web = sim.host('web', { ip: '10.0.0.1' }, example('tcp_server', '--host', '0.0.0.0'));
  const proxy = sim.host(
    'proxy',
    { ip: '10.0.0.2' },
    example('tcp_proxy', '--host', '0.0.0.0', '--upstream', 'web:9000'),
  );
  const clients = addEchoClients(sim, 2, '10.0.0.2:9100', [web, proxy], proxy);
  await sim.run('20s');
  sim.heal();
  await sim.eventually('every client is served', clients.served, '600s');
  await sim.eventually('the proxy reports what it has cut off', clients.reported, '60s');
  sim.signal(proxy, 'SIGTERM');
  await sim.eventually('the proxy has drained', () => proxy.process?.alive === false, '60s');
});
