// Joins groups on an interface that is given by its name, sends and receives there, and prints
// which index the kernel was given: names-interfaces.mjs NAME [COMMAND …]
//
// With a command, a child that the command starts does that with the sockets of this process.
import { spawnSync } from 'node:child_process';
import { Interest, Token } from '@evloop/core';
import { constants as c, Events, Poll, UdpSocket, WouldBlock } from '../../dist/index.js';

const [name, ...command] = process.argv.slice(2);
const { INHERITED } = process.env;
const options = { socket: { packetInfo: true, bindToDevice: name } };
const [four, six] =
  INHERITED === undefined
    ? ['0.0.0.0:0', '[::]:0'].map((address) => UdpSocket.bind(address, options))
    : [3, 4].map((fd) => UdpSocket.fromFd(fd));
const poll = new Poll();
poll.registry.register(four, Token(0), Interest.READABLE);
poll.registry.register(six, Token(1), Interest.READABLE);
const events = new Events(4);

if (command.length > 0) {
  const [file, ...args] = [...command, process.execPath, process.argv[1], name];
  const stdio = ['ignore', 'inherit', 'inherit', four.fd, six.fd];
  process.exit(spawnSync(file, args, { stdio, env: { ...process.env, INHERITED: 'yes' } }).status);
}

four.joinMulticastV4('239.7.7.7', name);
four.joinMulticastSource('232.7.7.7', '10.78.0.1', name);
four.setMulticastInterfaceV4(name);
six.joinMulticastV6('ff02::7:7', name);
six.setMulticastInterfaceV6(name);
const { port } = six.localAddr();
const [sendsOn] = new Int32Array(six.getOption(c.IPPROTO_IPV6, c.IPV6_MULTICAST_IF).buffer);

four.sendTo(Uint8Array.of(4), `239.7.7.7:${four.localAddr().port}`);
const arrivals = [arrival(four)];
four.sendTo(Uint8Array.of(4), `232.7.7.7:${four.localAddr().port}`);
arrivals.push(arrival(four));
for (const zone of ['', `%${name}`]) {
  six.sendTo(Uint8Array.of(6), `[ff02::7:7${zone}]:${port}`);
  arrivals.push(arrival(six));
}
six.connect(`[fe80::7%${name}]:9`);
console.log(JSON.stringify({ sendsOn, arrivals, peer: six.peerAddr().address }));

/** The index of the interface on which a datagram arrives. */
function arrival(socket) {
  const buffer = new Uint8Array(9);
  for (;;) {
    const got = socket.recvFrom(buffer);
    if (got !== WouldBlock) return got.info.interfaceIndex;
    if (poll.pollSync(events, 20_000) === 0) throw new Error('nothing arrives');
  }
}
