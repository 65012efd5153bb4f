// node idle-clients.mjs PORT COUNT: holds COUNT connections that do nothing. It prints `open` when
// all are connected, and `closed N` once the server has closed all, with the number of those that
// were reset.
import { once } from 'node:events';
import { connect } from 'node:net';

const [port, count] = process.argv.slice(2).map(Number);
/** More at a time would overflow the backlog of a listener. */
const AT_A_TIME = 100;

let [left, open, resets] = [count, count, 0];
async function connectSome() {
  while (left-- > 0) {
    const socket = connect(port, '127.0.0.1').resume();
    await once(socket, 'connect');
    socket.on('error', () => resets++);
    socket.on('close', () => {
      if (--open === 0) process.stdout.write(`closed ${resets}\n`);
    });
  }
}
await Promise.all(Array.from({ length: AT_A_TIME }, connectSome));
process.stdout.write('open\n');
