// Takes over descriptor 3, which listens at a Unix path, and 4, a connected Unix stream: says what
// they are, and answers whoever comes.
import {
  Events,
  Interest,
  Poll,
  TcpListener,
  Token,
  UnixListener,
  UnixStream,
  WouldBlock,
} from '@evloop/net';

const wrong = [];
for (const adopt of [
  () => TcpListener.fromFd(3),
  () => UnixListener.fromFd(4),
  () => UnixStream.fromFd(3),
]) {
  try {
    await adopt();
  } catch (error) {
    wrong.push(error.name);
  }
}
const listener = await UnixListener.fromFd(3);
const stream = UnixStream.fromFd(4);
const poll = new Poll();
const events = new Events(8);
poll.registry.register(listener, Token(0), Interest.READABLE);
poll.registry.register(stream, Token(1), Interest.READABLE);
const buffer = new Uint8Array(16);

async function untilDone(act) {
  for (let result = act(); ; result = act()) {
    if (result !== WouldBlock) return result;
    await poll.poll(events);
  }
}
const text = Buffer.from(buffer.subarray(0, await untilDone(() => stream.read(buffer)))).toString();
const client = await untilDone(() => listener.accept());
client.write(Buffer.from(JSON.stringify({ wrong, text, local: listener.localAddr() })));
client.close();
listener.close();
stream.close();
