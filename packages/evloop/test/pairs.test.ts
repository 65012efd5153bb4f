import { conformance } from '@evloop/conformance';
import * as epoll from '@evloop/epoll';
import * as net from '@evloop/net';
import { describe, test } from 'vitest';

// A backend may be right alone and wrong with another: the server of one meets the clients of the other.
describe('epoll serves net, poll', () => {
  conformance({ test, backend: { server: epoll, client: net } });
});

describe('net serves epoll, poll', () => {
  conformance({ test, backend: { server: net, client: epoll } });
});

describe('epoll serves net, pollSync', () => {
  conformance({ test, backend: { server: epoll, client: net }, mode: 'sync' });
});

describe('net serves epoll, pollSync', () => {
  conformance({ test, backend: { server: net, client: epoll }, mode: 'sync' });
});
