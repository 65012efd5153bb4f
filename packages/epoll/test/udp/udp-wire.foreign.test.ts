import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { needs } from '@evloop/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** Two network namespaces with a pair of virtual devices between them. */
const HERE = `evloop-a${process.pid}`;
const THERE = `evloop-b${process.pid}`;
const PROGRAM = new URL('../programs/sends-datagrams.mjs', import.meta.url).pathname;

const ip = (...args: string[]): Buffer => execFileSync('ip', args);
const inside = (space: string, ...args: string[]): [string, string[]] => [
  'ip',
  ['netns', 'exec', space, ...args],
];

describe('what leaves for the wire', needs('ip', 'tshark'), () => {
  beforeAll(() => {
    for (const space of [HERE, THERE]) ip('netns', 'add', space);
    ip('link', 'add', 'veth-a', 'netns', HERE, 'type', 'veth', 'peer', 'veth-b', 'netns', THERE);
    for (const [space, device, address] of [
      [HERE, 'veth-a', '10.77.0.1/24'],
      [THERE, 'veth-b', '10.77.0.2/24'],
    ] as const) {
      ip('-n', space, 'address', 'add', address, 'dev', device);
      ip('-n', space, 'link', 'set', device, 'up');
      ip('-n', space, 'link', 'set', 'lo', 'up');
    }
    ip('-n', HERE, 'address', 'add', '10.77.0.9/24', 'dev', 'veth-a');
  });
  afterAll(() => {
    for (const space of [HERE, THERE]) ip('netns', 'del', space);
  });

  test.each([
    ['loopback', HERE, 'lo', '127.0.0.1', '127.0.0.9'],
    ['a pair of virtual devices', THERE, 'veth-b', '10.77.0.2', '10.77.0.9'],
  ])('has the source, ECN, TTL, DF and segments that were asked for: %s', async (...row) => {
    const [, space, device, to, source] = row;
    const fields = ['ip.src', 'ip.dsfield', 'ip.ttl', 'ip.flags.df', 'udp.length'];
    const [command, args] = inside(space, 'tshark', '-l', '-n', '-i', device, '-T', 'fields');
    const tshark = spawn(command, [
      ...[...args, '-f', 'udp dst port 9009'],
      ...fields.flatMap((field) => ['-e', field]),
    ]);
    await begun(tshark);
    execFileSync(...inside(HERE, process.execPath, PROGRAM, `${to}:9009`, source));
    const seen: string[] = [];
    let bytes = 0;
    for await (const line of createInterface(tshark.stdout)) {
      seen.push(line.replace(/True/i, '1'));
      bytes += Number(line.split('\t')[4]) - 8;
      if (bytes >= 2505) break;
    }
    tshark.kill();
    const row5 = (tos: string, ttl: number, size: number): string =>
      [source, tos, ttl, 1, size + 8].join('\t');
    expect(seen[0]).toBe(row5('0x03', 9, 5));
    // A device that offloads shows the segments in one piece.
    const whole = [row5('0x02', 7, 2500)];
    const cut = [1000, 1000, 500].map((size) => row5('0x02', 7, size));
    expect([whole, cut]).toContainEqual(seen.slice(1));
  });
});

/** Waits until the capture runs. */
function begun(tshark: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    tshark.once('error', reject);
    tshark.stderr?.on('data', (text) => {
      if (String(text).includes('Capturing on')) resolve();
    });
  });
}
