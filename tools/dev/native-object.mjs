import { existsSync } from 'node:fs';

const object = new URL('../../packages/epoll/build/Release/epoll.node', import.meta.url);

/** Whether there is a native object of @evloop/epoll for the tests and examples of this clone. */
export function hasNativeObject() {
  return Boolean(process.env.EVLOOP_NATIVE_DIR) || existsSync(object);
}
