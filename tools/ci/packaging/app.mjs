// The program that the recipes of docs/packaging.md pack. It accepts one connection, and prints its
// backend.
import { Events, Interest, name, Poll, TcpListener, TcpStream, Token, WouldBlock } from 'evloop';

async function main() {
  const poll = new Poll();
  const listener = await TcpListener.bind('127.0.0.1:0');
  const client = TcpStream.connect(listener.localAddr());
  poll.registry.register(listener, Token(0), Interest.READABLE);
  const events = new Events(8);
  let accepted = WouldBlock;
  while (accepted === WouldBlock) {
    await poll.poll(events);
    accepted = listener.accept();
  }
  for (const each of [client, accepted, listener, poll]) each.close();
  console.log(`accepted on ${name}`);
}

main();
