import { needs, PrivateNetwork } from '@evloop/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { built, Program } from './program.ts';

const RANGE = '10.79.0.10,10.79.0.20,255.255.255.0,10m';

/** All of its configuration. It stays root, since the namespace has no other user. */
const dnsmasq = (device: string, range: string): string[] => [
  ...['--no-daemon', '--conf-file=/dev/null', '--user=root', '--group=root', '--pid-file='],
  ...['--port=0', '--bind-interfaces', `--interface=${device}`, '--leasefile-ro', '--no-ping'],
  ...['--dhcp-authoritative', '--log-dhcp', `--dhcp-range=${range}`],
  ...[
    '--dhcp-option=option:router,10.79.0.1',
    '--dhcp-option=option:dns-server,10.79.0.2,10.79.0.3',
  ],
];

describe('dhcp_client on epoll', needs('unshare', 'nsenter', 'ip', 'dnsmasq'), () => {
  let client: PrivateNetwork;
  let servers: PrivateNetwork;
  beforeAll(async () => {
    client = await PrivateNetwork.open();
    servers = await PrivateNetwork.open(client);
    const link = (here: string, there: string, address: string): void =>
      client.link({ name: here }, servers, { name: there, address });
    link('wan0', 'port0', '10.79.0.1/24');
    link('lan0', 'port1', '10.80.0.1/24');
  });
  afterAll(async () => {
    await servers?.close();
    await client?.close();
  });

  const start = (network: PrivateNetwork, file: string, args: string[]): Program =>
    new Program(...network.command(file, ...args));

  it('gets an address from dnsmasq on the interface that it names, and no other', async () => {
    const server = start(servers, 'dnsmasq', dnsmasq('port0', RANGE));
    const other = start(servers, 'dnsmasq', dnsmasq('port1', RANGE.replaceAll('10.79', '10.80')));
    for (const one of [server, other]) await one.printed(/sockets bound exclusively/, 'stderr');
    const asking = start(client, process.execPath, [built('dhcp_client'), '--interface', 'wan0']);
    expect([await asking.ended, asking.stderr]).toEqual([
      0,
      expect.stringMatching(
        /^reply 2 from 10\.79\.0\.1 on \d+\nreply 5 from 10\.79\.0\.1 on \d+\n$/,
      ),
    ]);
    const index = JSON.parse(client.run('ip', '-json', 'link', 'show', 'wan0'))[0].ifindex;
    expect(asking.stderr).toContain(`on ${index}\n`);
    expect(JSON.parse(asking.stdout)).toEqual({
      address: expect.stringMatching(/^10\.79\.0\.(1\d|20)$/),
      mask: '255.255.255.0',
      routers: ['10.79.0.1'],
      dns: ['10.79.0.2', '10.79.0.3'],
      server: '10.79.0.1',
      leaseSeconds: 600,
    });
    // The server saw the address of the device, which the client found in its namespace.
    const { address } = JSON.parse(client.run('ip', '-json', 'link', 'show', 'wan0'))[0];
    await server.printed(new RegExp(`DHCPACK\\(port0\\) \\S+ ${address}`), 'stderr');
    expect(other.stderr).not.toContain('DHCPDISCOVER');
    for (const one of [server, other]) {
      one.child.kill('SIGTERM');
      await one.ended;
    }
  });

  it('says that no server answers, and exits with 1', async () => {
    const asking = start(client, process.execPath, [built('dhcp_client'), '--interface', 'lan0']);
    expect([await asking.ended, asking.stderr]).toEqual([
      1,
      'dhcp_client: no DHCP server answers on lan0\n',
    ]);
  });

  it('says in one line that there is no such interface, and exits with 1', async () => {
    const asking = start(client, process.execPath, [
      built('dhcp_client'),
      '--interface',
      'nosuch0',
    ]);
    expect(await asking.ended).toBe(1);
    expect(asking.stderr).toBe('dhcp_client: there is no interface nosuch0\n');
  });
});
