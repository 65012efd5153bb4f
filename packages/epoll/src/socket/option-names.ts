import type { SocketOptionName } from '@evloop/core';
import { DATAGRAM_OPTIONS } from './datagram-options.ts';

/** The options of every socket. */
const ANY: readonly SocketOptionName[] = ['recvBufferSize', 'sendBufferSize', 'mark', 'priority'];

const IP: readonly SocketOptionName[] = [
  ...ANY,
  'tos',
  'trafficClass',
  'bindToDevice',
  'freeBind',
  'transparent',
  'bindAddressNoPort',
  'busyPoll',
  'incomingCpu',
  'ipv6Only',
  'reuseAddr',
  'reusePort',
];

const TCP: readonly SocketOptionName[] = [
  ...IP,
  'keepAlive',
  'keepIdle',
  'keepInterval',
  'keepCount',
  'userTimeout',
  'linger',
  'nodelay',
  'cork',
  'notSentLowat',
  'quickAck',
];

/** The options of each kind of socket: see `Supports`. */
export const OPTION_NAMES: Readonly<
  Record<'tcpStream' | 'tcpListener' | 'unix' | 'udp', readonly SocketOptionName[]>
> = {
  tcpStream: [...TCP, 'fastOpenConnect'],
  tcpListener: [...TCP, 'deferAccept', 'fastOpen'],
  unix: ANY,
  udp: [...IP, ...DATAGRAM_OPTIONS, 'steering'],
};
