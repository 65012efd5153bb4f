import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needs } from '@evloop/testing';
import { afterAll, describe, test } from 'vitest';
import { captureOf } from './captures.ts';

const CAPTURES = 1000;
const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
afterAll(() => rmSync(folder, { recursive: true }));

const FIELDS = [
  'frame.number',
  'tcp.stream',
  'frame.comment',
  'tcp.analysis.retransmission',
  '_ws.malformed',
  'ip.checksum.status',
  'tcp.checksum.status',
  'frame.interface_name',
  'ip.src_host',
];

function dissect(path: string): Record<string, string>[] {
  const checks = ['tcp.check_checksum:TRUE', 'ip.check_checksum:TRUE', 'nameres.network_name:TRUE'];
  const options = checks.flatMap((check) => ['-o', check]);
  const fields = FIELDS.flatMap((field) => ['-e', field]);
  const args = ['-r', path, '-N', 'n', ...options, '-T', 'fields', ...fields];
  const text = execFileSync('tshark', args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const values = line.split('\t');
    return Object.fromEntries(FIELDS.map((field, i) => [field, values[i] ?? '']));
  });
}

describe('with tshark', needs('tshark'), () => {
  test('1,000 captures have no malformed packet, and a fault behind each retransmission', async () => {
    const options = { network: { loss: 0.03, reorder: 0.01, duplicate: 0.01, jitter: '1ms' } };
    const captures: Uint8Array[] = [];
    for (let seed = 1; seed <= CAPTURES; seed++) {
      captures.push(await captureOf(seed, 20_000, options));
    }
    const path = join(folder, 'all.pcapng');
    writeFileSync(path, Buffer.concat(captures));
    const frames = dissect(path);
    assert.ok(frames.length > CAPTURES * 20, `${frames.length} packets`);
    const faulty = new Set(
      frames.flatMap((frame) => (frame['frame.comment'] === '' ? [] : [frame['tcp.stream']])),
    );
    let retransmissions = 0;
    for (const frame of frames) {
      assert.equal(frame['_ws.malformed'], '', JSON.stringify(frame));
      assert.equal(frame['ip.checksum.status'], '1', JSON.stringify(frame));
      assert.equal(frame['tcp.checksum.status'], '1', JSON.stringify(frame));
      if (frame['tcp.analysis.retransmission'] === '') continue;
      retransmissions++;
      assert.ok(faulty.has(frame['tcp.stream']), `no fault behind ${JSON.stringify(frame)}`);
    }
    assert.ok(retransmissions > 100, `${retransmissions} retransmissions`);
    assert.deepEqual(
      new Set(frames.map((frame) => frame['frame.interface_name'])),
      new Set(['web', 'c']),
    );
  });

  test('on an ideal link nothing is sent again', async () => {
    const path = join(folder, 'ideal.pcapng');
    writeFileSync(path, await captureOf(1, 300_000, { network: { rate: '100Mbit' } }));
    const frames = dissect(path);
    assert.ok(frames.length > 200);
    assert.ok(frames.every((frame) => frame['tcp.analysis.retransmission'] === ''));
    assert.ok(frames.some((frame) => frame['ip.src_host'] === 'web'));
  });
});
