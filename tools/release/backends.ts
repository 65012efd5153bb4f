// Checks that each backend package has the type of a backend.
import type { Backend } from 'evloop';

export const backends: readonly Backend[] = [
  await import('evloop'),
  await import('@evloop/net'),
  await import('@evloop/epoll'),
];
