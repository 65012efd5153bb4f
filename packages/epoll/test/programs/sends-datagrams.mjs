// Sends a datagram, and a message of three segments: sends-datagrams.mjs to source
import { DatagramBatch } from '@evloop/core';
import { UdpSocket } from '../../dist/index.js';

const [to, source] = process.argv.slice(2);
const socket = UdpSocket.bind('0.0.0.0:0', { socket: { pathMtuDiscovery: 'do' } });
socket.sendTo(new Uint8Array(5), to, 0, 5, { source, tos: 3, ttl: 9 });
const batch = new DatagramBatch({ capacity: 1, slotSize: 2500 });
batch.push(new Uint8Array(2500), to, 1000);
batch.setControl(0, { source, tos: 2, ttl: 7 });
socket.sendBatch(batch);
socket.close();
