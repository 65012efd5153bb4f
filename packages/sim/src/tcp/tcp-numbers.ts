import { MS, SECOND } from '../clock/time.ts';

/** The numbers of TCP. Each is an option; the defaults are Linux's. Times are nanoseconds. */
export interface TcpNumbers {
  /** How much a program may write ahead, in bytes. What Linux' autotuning reaches on loopback. */
  readonly sendBuffer: number;
  /** How much may wait to be read, in bytes. */
  readonly receiveBuffer: number;
  /** The first retransmission of a SYN; each next one waits twice as long. */
  readonly synTimeout: number;
  /** How often a SYN is sent again (`net.ipv4.tcp_syn_retries`). */
  readonly synRetries: number;
  /** How often a SYN with ACK is sent again (`net.ipv4.tcp_synack_retries`). */
  readonly synAckRetries: number;
  /** The shortest retransmission timeout (`TCP_RTO_MIN`). */
  readonly minTimeout: number;
  /** The longest retransmission timeout (`TCP_RTO_MAX`). */
  readonly maxTimeout: number;
  /** How often data is sent again before the connection is given up (`net.ipv4.tcp_retries2`). */
  readonly retries: number;
  /** How long an acknowledgement may wait for data to travel with (`TCP_DELACK_MIN`). */
  readonly delayedAck: number;
  /** How many acknowledgements of a new connection are not delayed (`TCP_MAX_QUICKACKS`). */
  readonly quickAcks: number;
  /** How long an address pair rests after a close (`TCP_TIMEWAIT_LEN`). */
  readonly timeWait: number;
  /** How long a closed socket waits for the peer's end (`net.ipv4.tcp_fin_timeout`). */
  readonly finTimeout: number;
  /** The ports that the system chooses from (`net.ipv4.ip_local_port_range`). */
  readonly firstPort: number;
  readonly lastPort: number;
  /** How long an unreachable neighbour is looked for: three ARP requests. */
  readonly neighbourTimeout: number;
  /** Resets a client that finds the accept queue full (`net.ipv4.tcp_abort_on_overflow`). */
  readonly resetOnOverflow: boolean;
  /** The longest accept queue (`net.core.somaxconn`). */
  readonly maxBacklog: number;
}

/** Linux's defaults. */
export const TCP_DEFAULTS: TcpNumbers = Object.freeze({
  sendBuffer: 2_626_560,
  receiveBuffer: 1_310_720,
  synTimeout: SECOND,
  synRetries: 6,
  synAckRetries: 5,
  minTimeout: 200 * MS,
  maxTimeout: 120 * SECOND,
  retries: 15,
  delayedAck: 40 * MS,
  quickAcks: 16,
  timeWait: 60 * SECOND,
  finTimeout: 60 * SECOND,
  firstPort: 32_768,
  lastPort: 60_999,
  neighbourTimeout: 3 * SECOND,
  resetOnOverflow: false,
  maxBacklog: 4096,
});
