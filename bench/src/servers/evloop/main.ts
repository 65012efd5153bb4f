// node main.js BACKEND WAIT SERVICE [batch] [informed]: one of the services on an evloop backend;
// prints its port.
import { type Backend, Events, isBlocking, type Poll } from '@evloop/core';
import { reportHeap, weighing } from '../heap-report.ts';
import { serviceOf } from '../service.ts';
import { broadcast } from './broadcast.ts';
import { datagrams, hasDatagrams } from './datagrams.ts';
import type { Handler } from './handler.ts';
import { relay } from './relay.ts';
import { tcpEcho } from './tcp-echo.ts';

const [name = '', wait = '', argument, ...styles] = process.argv.slice(2);
const service = serviceOf(argument);
const backend = (await import(`@evloop/${name}`)) as Backend;
const poll = new backend.Poll();
const { port, handle } = await start();
process.stdout.write(`listening ${port}\n`);
await run(poll, handle);

async function start(): Promise<{ port: number; handle: Handler }> {
  if (service === 'tcp-echo') return tcpEcho(backend, poll);
  if (service === 'broadcast') return broadcast(backend, poll);
  if (!hasDatagrams(backend)) throw new TypeError(`${name} has no UdpSocket`);
  const batch = styles.includes('batch');
  if (service === 'udp-relay') return relay(backend, poll, batch);
  return datagrams(backend, poll, service, batch, styles.includes('informed'));
}

async function run(poll: Poll, handle: Handler): Promise<never> {
  const events = new Events(1024);
  const timeout = weighing ? 100 : null;
  if (wait === 'sync') {
    if (!isBlocking(poll)) throw new TypeError(`${name} cannot block`);
    for (;;) {
      poll.pollSync(events, timeout);
      handle(events);
      if (weighing) reportHeap();
    }
  }
  for (;;) {
    await poll.poll(events, timeout);
    handle(events);
    if (weighing) reportHeap();
  }
}
