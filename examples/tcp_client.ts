// node examples/dist/tcp_client.js --port 9000            (after `npm run build`, and with tcp_server running)
//
// Sends what it is given on standard input, and prints what it receives:
//
//   printf 'hello\n' | node examples/dist/tcp_client.js --port 9000
//
// It ends when the server does. When there is no server it says why, and its exit code is 1.
//
// Two things to see here: that a stream is not connected just because it is writable, and that standard
// input and output, which have no socket, are sources of the same poll (src/node-streams.ts).
import {
  type Backend,
  type Event,
  formatSocketAddress,
  Interest,
  type Poll,
  type SocketAddress,
  type TcpStream,
  Token,
  WouldBlock,
} from '@evloop/core';
import { chooseBackend } from './src/choose-backend.ts';
import { readCommandLine } from './src/command-line.ts';
import { ReadableSource, WritableSource } from './src/node-streams.ts';
import { Failure, isSystemError, reason, runProgram } from './src/program.ts';
import { Relay } from './src/relay.ts';
import { runLoop, type Service } from './src/run-loop.ts';
import { Stop } from './src/stop.ts';

const SOCKET = Token(0);
const STDIN = Token(1);
const STDOUT = Token(2);

class Client implements Service {
  readonly #stream: TcpStream;
  readonly #name: string;
  readonly #up: Relay;
  readonly #down: Relay;
  readonly #stdout = new WritableSource(process.stdout);
  #connected = false;
  #sending = true;

  constructor(poll: Poll, stream: TcpStream, address: SocketAddress) {
    const stdin = new ReadableSource(process.stdin);
    this.#stream = stream;
    this.#name = formatSocketAddress(address);
    this.#up = new Relay(stdin, stream);
    this.#down = new Relay(stream, this.#stdout);
    // WRITABLE may stay: an edge comes only after a write that would have blocked, so it costs nothing to ask for it.
    poll.registry.register(stream, SOCKET, Interest.READABLE | Interest.WRITABLE);
    poll.registry.register(stdin, STDIN, Interest.READABLE);
    poll.registry.register(this.#stdout, STDOUT, Interest.WRITABLE);
  }

  // Whichever of the three it was: work() tries all there is to do, and there is little.
  onEvent(_event: Event): void {}

  work(): 'again' | 'wait' | 'end' {
    try {
      return this.#isConnected() ? this.#relay() : 'wait';
    } catch (error) {
      if (!isSystemError(error)) throw error;
      const failed = this.#connected ? 'the connection to' : 'cannot connect to';
      throw new Failure(`${failed} ${this.#name}: ${reason(error)}`);
    }
  }

  /** `writable` says only that the attempt has ended. Whether it succeeded, `finishConnect` says, and throws the reason if not. */
  #isConnected(): boolean {
    this.#connected ||= this.#stream.finishConnect() !== WouldBlock;
    return this.#connected;
  }

  #relay(): 'again' | 'wait' | 'end' {
    const received = this.#down.step();
    if (received === 'end' || this.#stdout.failed) return 'end';
    const sent = this.#sending ? this.#up.step() : 'wait';
    if (sent === 'end') {
      // The end of our side alone: the server may still have much to say.
      this.#sending = false;
      this.#stream.shutdown('write');
    }
    return received === 'again' || sent === 'again' ? 'again' : 'wait';
  }
}

await runProgram(async () => {
  const { backend: name, address, wait } = readCommandLine('A TCP client.', 9000);
  const backend = await chooseBackend(name, wait);
  const poll = new backend.Poll();
  const stream = connect(backend, address);
  // Standard input and output live on Node's own loop: with `--wait sync` it has to turn more often than for signals alone.
  await runLoop(poll, new Client(poll, stream, address), { wait, stop: new Stop(), sliceMs: 5 });
  stream.close();
  poll.close();
  process.stdin.destroy();
});

function connect(backend: Backend, address: SocketAddress): TcpStream {
  try {
    return backend.TcpStream.connect(address);
  } catch (error) {
    throw new Failure(`cannot connect to ${formatSocketAddress(address)}: ${reason(error)}`);
  }
}
