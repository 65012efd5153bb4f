import { existsSync } from 'node:fs';

const object = new URL('../../packages/epoll/build/Release/epoll.node', import.meta.url);

/** Whether @evloop/epoll has a native object for the tests and examples of this clone. */
export function hasNativeObject() {
  return Boolean(process.env.EVLOOP_NATIVE_DIR) || existsSync(object);
}
