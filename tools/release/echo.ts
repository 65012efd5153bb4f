// A first program of a new project: a server that echoes, and a client that asks it once. Prints
// the backend's name and the answer.
import {
  Events,
  Interest,
  name,
  Poll,
  TcpListener,
  TcpStream,
  Token,
  UdpSocket,
  WouldBlock,
} from 'evloop';

const LISTENER = Token(0);
const CLIENT = Token(1);
const SERVED = Token(2);
const buffer = new Uint8Array(1024);

using poll = new Poll();
using listener = await TcpListener.bind('127.0.0.1:0');
using client = TcpStream.connect(listener.localAddr());
using datagrams: UdpSocket = await UdpSocket.bind('127.0.0.1:0');
poll.registry.register(listener, LISTENER, Interest.READABLE);
poll.registry.register(client, CLIENT, Interest.READABLE | Interest.WRITABLE);
poll.registry.register(datagrams, Token(3), Interest.READABLE);

let served: TcpStream | undefined;
let sent = false;
let answer = '';

function onListener(): void {
  const stream = listener.accept();
  if (stream === WouldBlock) return;
  served = stream;
  poll.registry.register(stream, SERVED, Interest.READABLE);
}

function onClient(): void {
  if (!sent && client.finishConnect() === true) {
    client.write(new TextEncoder().encode('hello'));
    sent = true;
  }
  const size = client.read(buffer);
  if (size !== WouldBlock) answer += new TextDecoder().decode(buffer.subarray(0, size));
}

function onServed(stream: TcpStream): void {
  const size = stream.read(buffer);
  if (size !== WouldBlock) stream.write(buffer.subarray(0, size));
}

const events = new Events(16);
while (answer.length < 5) {
  if ((await poll.poll(events, 10_000)) === 0) throw new Error('nothing happens');
  for (const { token } of events) {
    if (token === LISTENER) onListener();
    else if (token === CLIENT) onClient();
    else if (served) onServed(served);
  }
}
served?.close();
console.log(name, answer);
