// node examples/dist/udp_server.js            (after `npm run build`)
//
// Sends each datagram back to where it came from. Try it with one of
//
//   printf 'hello\n' | socat -t 1 - UDP:127.0.0.1:9000
//   ncat -u 127.0.0.1 9000
//
// or with Node, as examples/README.md shows.
//
// There are no connections, so there is one source. UDP promises nothing: a reply that cannot be
// sent now is dropped and counted.
import * as epoll from '@evloop/epoll';
import * as net from '@evloop/net';
import { Datagrams } from '@evloop/service';
import { onSignals } from '@evloop/service/node';
import { program } from '@evloop/service/program';

/** The largest datagram has fewer bytes, so none is cut. */
const buffer = new Uint8Array(65536);

/** A program for `node -e` that sends a datagram and prints the answer. */
const ONE_DATAGRAM = [
  "const [type, port, host] = process.argv.slice(1), socket = require('dgram').createSocket(type)",
  "socket.on('message', (m) => { console.log(String(m)); socket.close(); })",
  "socket.send('hello', port, host)",
].join('; ');

await program(
  { about: 'Sends each datagram back to its sender.', port: 9000, backends: { epoll, net } },
  async (it) => {
    // On a wildcard address the answer must come from the address that the client has asked.
    const packetInfo = it.backend.supports.udpPacketInfo;
    const socket = await it.bindUdp({ socket: packetInfo ? { packetInfo } : {} });
    const { address, port, family } = socket.localAddr();
    it.hint(
      'Try it with one of these:',
      `  node -e "${ONE_DATAGRAM}" ${family === 'IPv6' ? 'udp6' : 'udp4'} ${port} ${address}`,
      `  ncat -u ${address} ${port}`,
    );
    const echo = new Datagrams(it.loop, socket, buffer, (datagram) => {
      echo.replyTo(buffer, datagram, 0, datagram.size);
    });
    onSignals(it.loop, { SIGTERM: 'stop', SIGINT: 'stop' });
    await it.loop.run();
    const { sent, blocked, failed } = echo.counters;
    const { queueDrops, kernelDrops = 0 } = socket.counters();
    it.hint(
      `${sent} datagrams echoed; ${blocked} not sent for want of room, ${failed} refused; ` +
        `${queueDrops + kernelDrops} lost before they were received`,
    );
    echo.close();
  },
);
