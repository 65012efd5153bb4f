/** An error with the code and the message of Node's own. */
export interface NodeError extends Error {
  readonly code: string;
}

/** Makes a {@link NodeError}. */
export function nodeError(code: string, message: string): NodeError {
  return Object.assign(new Error(message), { code });
}

/** The error of a call that needs a connection. */
export function closedSocketError(): NodeError {
  return nodeError('ERR_SOCKET_CLOSED', 'Socket is closed');
}

/** The error of a write that was under way when the socket was destroyed. */
export function destroyedError(): NodeError {
  return nodeError('ERR_STREAM_DESTROYED', 'Cannot call write after a stream was destroyed');
}
