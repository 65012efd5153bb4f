import { existsSync } from 'node:fs';

const object = new URL('../../packages/epoll/build/Release/epoll.node', import.meta.url);
const exists = process.env['EVLOOP_NATIVE_DIR'] !== undefined || existsSync(object);

/** Why this clone has no native object, as half a sentence; `undefined` where it has one. */
export const noNativeObject: string | undefined = exists
  ? undefined
  : process.platform === 'linux'
    ? 'no native object was built (install a C compiler, and build again)'
    : 'epoll is Linux only';
