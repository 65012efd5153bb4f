import type { Backend } from '@evloop/core';
import { isSystemError, type Stream } from '@evloop/service';

/** What `net.Socket` can set of a TCP connection. */
export interface TcpSetting {
  readonly nodelay: boolean;
  readonly keepAlive: boolean;
  /** In milliseconds. */
  readonly keepIdle: number;
}

/** Settings that were made, and are applied when there is a stream. */
export class TcpSettings {
  readonly #values: Partial<TcpSetting>;

  constructor(values: Partial<TcpSetting> = {}) {
    this.#values = values;
  }

  /** Returns these settings and one more. */
  with(values: Partial<TcpSetting>): TcpSettings {
    return new TcpSettings({ ...this.#values, ...values });
  }

  /**
   * Applies them. As with `net.Socket`, Unix sockets have none, and what this backend or the state
   * of the connection does not allow is left out.
   */
  apply(backend: Backend, stream: Stream): void {
    if (!('setNodelay' in stream)) return;
    for (const [name, value] of Object.entries(this.#values) as [keyof TcpSetting, never][]) {
      if (!backend.supports.tcpStreamOptions.includes(name)) continue;
      try {
        stream.setSocketOption(name, value);
      } catch (error) {
        if (!isSystemError(error)) throw error;
      }
    }
  }
}
