declare const objects: {
  readonly epoll?: unknown;
  readonly watch?: unknown;
  readonly error?: unknown;
};
export = objects;
