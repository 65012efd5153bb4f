// Without a descriptor left, sends a datagram that is longer than the path takes, and prints what
// the send throws: too-long-datagram.mjs, under ulimit -n.
import { openSync } from 'node:fs';
import { UdpSocket } from '../../dist/index.js';

const socket = UdpSocket.bind('127.0.0.1:0', { socket: { pathMtuDiscovery: 'do' } });
const sent = () => {
  try {
    return socket.sendTo(new Uint8Array(65_508), '127.0.0.1:9');
  } catch ({ code, maxSize }) {
    return { code, maxSize };
  }
};
const before = sent();
try {
  for (;;) openSync('/dev/null');
} catch {}
const after = sent();
process.stdout.write(JSON.stringify([before, after]));
process.exit();
