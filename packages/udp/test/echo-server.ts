import { Events, Interest, Token, WouldBlock } from '@evloop/core';
import { Poll, UserSpaceSelector } from '@evloop/core/backend';
import { UdpSocket } from '../src/index.ts';

/** An echo server as a program would write it. Disposing it ends its loop. */
export interface EchoServer extends Disposable {
  readonly socket: UdpSocket;
  readonly port: number;
  /** The sizes of what it has sent back. */
  readonly echoed: readonly number[];
}

/** Starts one, with a poll of its own. */
export async function startEcho(address: string): Promise<EchoServer> {
  const poll = new Poll(new UserSpaceSelector());
  const socket = await UdpSocket.bind(address);
  poll.registry.register(socket, Token(0), Interest.READABLE);
  const buffer = new Uint8Array(65536);
  const events = new Events(8);
  const echoed: number[] = [];
  const loop = async (): Promise<void> => {
    while (!poll.closed) {
      await poll.poll(events);
      for (let got = socket.recvFrom(buffer); got !== WouldBlock; got = socket.recvFrom(buffer)) {
        echoed.push(Number(socket.sendTo(buffer, got.address, 0, got.size)));
      }
    }
  };
  loop().catch((error) => {
    if (!poll.closed) throw error;
  });
  const stop = (): void => {
    poll.close();
    socket.close();
  };
  return { socket, port: socket.localAddr().port, echoed, [Symbol.dispose]: stop };
}
