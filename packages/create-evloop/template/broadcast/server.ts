import { ByteQueue, TooLong } from '@evloop/buffer';
import { type Connection, type Handler, Loop, type Next, Server } from '@evloop/service';
import { onSignals } from '@evloop/service/node';
import * as evloop from 'evloop';

const LONGEST_LINE = 4096;
const clients = new Set<Connection>();

/** Sends each line of a client to all others. */
function open(client: Connection): Handler {
  const input = new ByteQueue({ limit: 2 * 65536 });
  clients.add(client);
  function step(): Next {
    const filled = input.fillFrom(client.stream, 65536);
    for (;;) {
      const line = input.takeUntil(0x0a, LONGEST_LINE);
      if (line === undefined) break;
      if (line === TooLong) {
        client.refuse(Buffer.from('Line too long\n'), new Error('a line that is too long'));
        return 'wait';
      }
      // A client that reads too slowly is closed once its outbox is full.
      for (const other of clients) if (other !== client) other.post(line);
    }
    if (filled === 'end') return 'end';
    return filled === 'would-block' ? 'wait' : 'again';
  }
  return { step, closed: () => clients.delete(client) };
}

const loop = new Loop(evloop);
const listener = await evloop.TcpListener.bind('127.0.0.1:9000');
const server = new Server(loop, [listener], open, { maxConnections: 10_000 });
onSignals(server, { SIGTERM: 'drain', SIGINT: 'stop' });
console.log(`listening on port ${listener.localAddr().port}`);
await loop.run();
