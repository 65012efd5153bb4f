/** The program's side of a connection. */
export interface ConnectionUser {
  established(): void;
  failed(code: string): void;
  readable(): void;
  writable(): void;
  ended(): void;
}

/** The names of RFC 9293, in lower case. */
export type ConnectionState =
  | 'syn-sent'
  | 'syn-received'
  | 'established'
  | 'fin-wait'
  | 'close-wait'
  | 'closing'
  | 'time-wait'
  | 'closed';
