// A stream is always writable and asked about without end: how many polls are answered at the most
// from one turn of Node's loop to the next?
import { Events, Interest, Mode, Poll, Token, UnixStream } from '@evloop/epoll';

const poll = new Poll();
const events = new Events(1);
const [near, far] = UnixStream.pair();
poll.registry.register(near, Token(0), Interest.WRITABLE | Mode.LEVEL);

let polls = 0;
let most = 0;
let turns = 0;
setImmediate(function turn() {
  turns++;
  most = Math.max(most, polls);
  polls = 0;
  if (turns < 1000) setImmediate(turn);
});
while (turns < 1000) {
  await poll.poll(events);
  polls++;
}
far.close();
near.close();
poll.close();
console.log(JSON.stringify({ most }));
