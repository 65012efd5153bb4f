// node examples/dist/tcp_client.js --port 9000            (once built, with tcp_server running)
//
// Sends what it is given on standard input, and prints what it receives:
//
//   printf 'hello\n' | node examples/dist/tcp_client.js --port 9000
//
// It ends when the server does. When there is no server it says why, and its exit code is 1.
//
// Two things to see here: a stream is not connected just because it is writable, and back-pressure
// works in both directions. It reads from standard input only what the server takes, and from the
// server only what standard output takes.
import process from 'node:process';
import { formatSocketAddress, Interest, type TcpStream, WouldBlock } from '@evloop/core';
import * as epoll from '@evloop/epoll';
import * as net from '@evloop/net';
import { type Attachment, isSystemError, type Loop, Outbox } from '@evloop/service';
import { Failure, program, reason } from '@evloop/service/program';

const buffer = new Uint8Array(65536);

class Client {
  readonly #loop: Loop;
  readonly #stream: TcpStream;
  readonly #attachment: Attachment;
  readonly #outbox: Outbox;
  #state: 'connecting' | 'connected' | 'failed' = 'connecting';
  /** Why the connection has ended, unless it ended in order. */
  failure: string | undefined;

  constructor(loop: Loop, stream: TcpStream) {
    this.#loop = loop;
    this.#stream = stream;
    const interest = Interest.READABLE | Interest.WRITABLE;
    this.#attachment = loop.attach(stream, interest, (event) =>
      this.#try(() => {
        if (!this.#isConnected()) return;
        this.#outbox.flush(event);
        this.#receive();
      }),
    );
    this.#outbox = new Outbox(this.#attachment, stream);
    process.stdout.on('drain', () => this.#attachment.wake());
    process.stdout.on('error', () => loop.stop());
  }

  /**
   * `writable` tells only that the attempt has ended. `finishConnect` throws when it has failed.
   */
  #isConnected(): boolean {
    if (this.#state === 'connecting' && this.#stream.finishConnect() !== WouldBlock) {
      this.#state = 'connected';
      process.stdin.on('data', (chunk: Buffer) => this.#try(() => this.#send(chunk)));
      // The end of our side alone: the server may still have much to say.
      process.stdin.on('end', () => this.#try(() => this.#outbox.end()));
    }
    return this.#state === 'connected';
  }

  #send(chunk: Buffer): void {
    this.#outbox.send(chunk);
    if (!this.#outbox.needsDrain) return;
    process.stdin.pause();
    const resume = () => process.stdin.resume();
    this.#outbox.drained().then(resume, resume);
  }

  #receive(): void {
    while (!process.stdout.writableNeedDrain) {
      const size = this.#stream.read(buffer);
      if (size === WouldBlock) return;
      if (size === 0) {
        this.#loop.stop();
        return;
      }
      // Standard output keeps what it is given until it is written.
      process.stdout.write(buffer.slice(0, size));
    }
  }

  #try(work: () => void): void {
    try {
      if (this.#state !== 'failed') work();
    } catch (error) {
      if (!isSystemError(error)) throw error;
      const connecting = this.#state === 'connecting';
      this.failure = `${connecting ? 'cannot connect to' : 'the connection to'} %: ${reason(error)}`;
      this.#state = 'failed';
      this.#loop.stop();
    }
  }
}

await program(
  {
    about: 'A TCP client.',
    port: 9000,
    backends: { epoll, net },
    // Standard input and output live on Node's own loop: with `--wait sync` it has to turn often.
    sliceMs: 5,
    outlivesOutput: false,
  },
  async (it) => {
    const place = formatSocketAddress(it.address);
    let stream: TcpStream;
    try {
      stream = it.backend.TcpStream.connect(it.address);
    } catch (error) {
      throw new Failure(`cannot connect to ${place}: ${reason(error)}`);
    }
    const client = new Client(it.loop, stream);
    await it.loop.run();
    stream.close();
    process.stdin.destroy();
    if (client.failure !== undefined) throw new Failure(client.failure.replace('%', place));
  },
);
