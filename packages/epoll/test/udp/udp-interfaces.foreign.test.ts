import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { needs, PrivateNetwork } from '@evloop/testing';
import { expect, test } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../programs/names-interfaces.mjs', import.meta.url));
/** A name that `/sys` knows where it can: there it is another interface, with another index. */
const NAME = readdirSync('/sys/class/net').find((name) => name !== 'lo') ?? 'evloop0';
const INDEX = 4242;
const HERE = {
  sendsOn: INDEX,
  arrivals: [INDEX, INDEX, INDEX, INDEX],
  peer: `fe80::7%${INDEX}`,
};

/** A network with an interface {@link NAME} of this index. */
async function networkWith(index: number, beside?: PrivateNetwork): Promise<PrivateNetwork> {
  const network = await PrivateNetwork.open(beside);
  const pair = ['type', 'veth', 'peer', 'name', 'evloop-peer'];
  network.run('ip', 'link', 'add', 'name', NAME, 'index', `${index}`, ...pair);
  network.run('ip', 'link', 'set', 'evloop-peer', 'up');
  network.run('ip', 'address', 'add', '10.78.0.1/24', 'dev', NAME);
  network.run('ip', 'link', 'set', NAME, 'up');
  network.run('ip', 'address', 'add', 'fe80::7/64', 'dev', NAME, 'nodad');
  return network;
}

const programs = needs('unshare', 'nsenter', 'ip');

test(
  'names of interfaces are those of the network namespace, not those of /sys',
  programs,
  async () => {
    const network = await networkWith(INDEX);
    const printed = network.run(process.execPath, PROGRAM, NAME);
    expect(JSON.parse(printed)).toEqual(HERE);
    await network.close();
  },
);

test('an inherited socket takes names of its own network namespace', programs, async () => {
  const network = await networkWith(INDEX);
  const other = await networkWith(INDEX + 1, network);
  const [enter, into] = other.command('env');
  // Both networks are in one user namespace, and no process may enter its own again.
  const enterNet = [enter, ...into.filter((argument) => argument !== '--user')];
  const printed = network.run(process.execPath, PROGRAM, NAME, ...enterNet);
  expect(JSON.parse(printed)).toEqual(HERE);
  await other.close();
  await network.close();
});
