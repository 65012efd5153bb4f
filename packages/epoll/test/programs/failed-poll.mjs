// libuv refuses to watch a descriptor of whose number it knows another file: that poll cannot be
// made, and leaves nothing open.
import { closeSync, readdirSync, readlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { Poll, pipe } from '@evloop/epoll';

const polls = () =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).includes('eventpoll');
    } catch {
      return false;
    }
  }).length;

const fd = pipe()[1].intoFd();
new Socket({ fd }).on('data', () => {});
closeSync(fd);
const before = polls();
let error;
try {
  new Poll();
} catch ({ code }) {
  error = code;
}
console.log(error, polls() - before);
process.exit();
