import {
  Events,
  Interest,
  isExhausted,
  isTransient,
  Poll,
  TcpListener,
  type TcpStream,
  Token,
  WouldBlock,
} from 'evloop';

const poll = new Poll();
const listener = await TcpListener.bind('127.0.0.1:9000');
poll.registry.register(listener, Token(0), Interest.READABLE);
console.log(`listening on port ${listener.localAddr().port}`);

const clients = new Map<Token, TcpStream>();
const events = new Events(128);
const buffer = new Uint8Array(65536);
let lastToken = 0;
for (;;) {
  await poll.poll(events);
  for (const { token } of events) {
    const client = clients.get(token);
    if (client === undefined) acceptAll();
    else echo(token, client);
  }
}

function acceptAll(): void {
  for (;;) {
    try {
      const client = listener.accept();
      if (client === WouldBlock) return;
      clients.set(Token(++lastToken), client);
      poll.registry.register(client, Token(lastToken), Interest.READABLE);
    } catch (error) {
      if (!isTransient(error)) throw error; // The listener itself has failed.
      if (isExhausted(error)) return; // No descriptor is free. An event follows when one is.
    }
  }
}

function echo(token: Token, client: TcpStream): void {
  try {
    for (let size = client.read(buffer); size !== 0; size = client.read(buffer)) {
      if (size === WouldBlock) return; // The rule: only now will there be another event.
      if (client.write(buffer, 0, size) !== size) break; // It does not read, so it must go.
    }
  } catch {} // The connection has failed. The others have not.
  clients.delete(token);
  client.close();
}
