// Each package that is a backend is one to the type checker too.
import type { Backend } from 'evloop';

export const backends: readonly Backend[] = [
  await import('evloop'),
  await import('@evloop/net'),
  await import('@evloop/epoll'),
];
