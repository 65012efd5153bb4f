import assert from 'node:assert/strict';
import {
  type Backend,
  type DatagramBatch,
  type ReceivedDatagram,
  type UdpBindOptions,
  type UdpSocket,
  WouldBlock,
} from '@evloop/core';
import type { Context } from './context.ts';

/** A datagram with its bytes. */
export interface Arrived extends ReceivedDatagram {
  readonly data: Uint8Array;
}

/** Two sockets, one of each backend, neither connected nor registered. */
export interface DatagramPair {
  readonly server: UdpSocket;
  readonly client: UdpSocket;
}

/** Binds a socket of `backend`. */
export async function bindUdp(
  context: Context,
  backend: Backend = context.server,
  address = '127.0.0.1:0',
  options?: UdpBindOptions,
): Promise<UdpSocket> {
  return context.own(await backend.UdpSocket.bind(address, options));
}

/** Binds two sockets. */
export async function udpPair(context: Context, address?: string): Promise<DatagramPair> {
  const server = await bindUdp(context, context.server, address);
  const client = await bindUdp(context, context.client, address);
  return { server, client };
}

/** Makes two sockets that are each other's peers. */
export async function connectedPair(context: Context): Promise<DatagramPair> {
  const pair = await udpPair(context);
  pair.server.connect(pair.client.localAddr());
  pair.client.connect(pair.server.localAddr());
  return pair;
}

/** Receives the next datagram. Waits for it, whether the socket is registered or not. */
export async function arrived(context: Context, socket: UdpSocket, room = 65536): Promise<Arrived> {
  const buffer = new Uint8Array(room);
  let got: ReceivedDatagram | WouldBlock = WouldBlock;
  const there = (): boolean => {
    got = socket.recvFrom(buffer);
    return got !== WouldBlock;
  };
  await context.until('a datagram arrives', there);
  const datagram = got as unknown as ReceivedDatagram;
  return { ...datagram, data: buffer.slice(0, datagram.size) };
}

/** Waits until a datagram is there, and leaves it. */
export async function waiting(context: Context, socket: UdpSocket): Promise<void> {
  const there = (): boolean => socket.peek(new Uint8Array(1)) !== WouldBlock;
  await context.until('a datagram arrives', there);
}

/** Fills the batch. Waits for the first datagram. */
export async function arrivedBatch(
  context: Context,
  socket: UdpSocket,
  batch: DatagramBatch,
): Promise<void> {
  const there = (): boolean => socket.recvBatch(batch) !== WouldBlock;
  await context.until('datagrams arrive', there);
}

/** Sends all messages of a batch. */
export async function sendAll(
  context: Context,
  socket: UdpSocket,
  batch: DatagramBatch,
): Promise<void> {
  const all = (): boolean => {
    while (batch.sent < batch.length) if (socket.sendBatch(batch) === WouldBlock) return false;
    return true;
  };
  await context.until('all are sent', all);
  assert.equal(socket.sendBatch(batch), 0, 'nothing is left');
}

/** Returns bytes that show whether they arrived whole. */
export function pattern(size: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i * 31 + seed * 17 + (i >> 8)) & 0xff);
}
