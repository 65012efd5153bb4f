import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { needs, PrivateNetwork } from '@evloop/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const PROGRAM = new URL('../programs/sends-datagrams.mjs', import.meta.url).pathname;

describe('what leaves for the wire', needs('unshare', 'nsenter', 'ip', 'tshark'), () => {
  let here: PrivateNetwork;
  let there: PrivateNetwork;
  beforeAll(async () => {
    here = await PrivateNetwork.open();
    there = await PrivateNetwork.open(here);
    const device = { name: 'veth-a', address: '10.77.0.1/24' };
    here.link(device, there, { name: 'veth-b', address: '10.77.0.2/24' });
    here.run('ip', 'address', 'add', '10.77.0.9/24', 'dev', 'veth-a');
    // Has the kernel cut before the device, as one does that cannot offload.
    here.run('ip', 'link', 'set', 'veth-a', 'gso_max_segs', '1');
  });
  afterAll(() => Promise.all([there?.close(), here?.close()]));

  test.each([
    ['loopback', () => here, 'lo', '127.0.0.1', '127.0.0.9'],
    ['a pair of virtual devices', () => there, 'veth-b', '10.77.0.2', '10.77.0.9'],
  ])('has the source, ECN, TTL, DF and segments that were asked for: %s', async (...row) => {
    const [, network, device, to, source] = row;
    const fields = ['ip.src', 'ip.dsfield', 'ip.ttl', 'ip.flags.df', 'udp.length'];
    const shown = ['-T', 'fields', ...fields.flatMap((field) => ['-e', field])];
    const capture = ['-l', '-n', '-i', device, '-f', 'udp dst port 9009', ...shown];
    const tshark = spawn(...network().command('tshark', ...capture));
    await begun(tshark);
    here.run(process.execPath, PROGRAM, `${to}:9009`, source);
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
    const cut = [1000, 1000, 500].map((size) => row5('0x02', 7, size));
    // The loopback device offloads: it shows the segments in one piece.
    expect(seen.slice(1)).toEqual(device === 'lo' ? [row5('0x02', 7, 2500)] : cut);
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
