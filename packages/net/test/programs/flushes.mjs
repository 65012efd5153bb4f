// The server's process has nothing left to do but to deliver what its closed stream took, to a
// client that reads late.
import { fork } from 'node:child_process';
import net from 'node:net';
import { Events, Interest, Poll, TcpListener, Token, WouldBlock } from '@evloop/net';

if (process.argv[2] === 'server') {
  const poll = new Poll();
  const listener = await TcpListener.bind('127.0.0.1:0');
  poll.registry.register(listener, Token(0), Interest.READABLE);
  process.send({ port: listener.localAddr().port });
  await poll.poll(new Events(1));
  const stream = listener.accept();
  let taken = 0;
  for (let size = 0; size !== WouldBlock; size = stream.write(new Uint8Array(65536))) taken += size;
  stream.close();
  listener.close();
  process.send({ taken }, () => process.disconnect());
} else {
  const server = fork(process.argv[1], ['server']);
  server.once('exit', (code) => {
    process.exitCode = code ?? 1;
  });
  let taken;
  server.on('message', (message) => {
    if (message.port === undefined) {
      taken = message.taken;
      return;
    }
    const socket = net.connect(message.port, '127.0.0.1').pause();
    server.once('disconnect', () => {
      setTimeout(() => socket.resume(), 300);
    });
    let received = 0;
    socket.on('data', (chunk) => {
      received += chunk.length;
    });
    socket.on('end', () => console.log(JSON.stringify({ taken, received })));
  });
}
