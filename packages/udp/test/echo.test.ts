import { createHash } from 'node:crypto';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { startEcho } from './echo-server.ts';

const FAMILIES = [
  ['udp4', '127.0.0.1:0', '127.0.0.1'],
  ['udp6', '[::1]:0', '::1'],
] as const;
const SIZES = [0, 1, 1200, 65507];

const content = (size: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8)) & 0xff));
const digest = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

describe.each(FAMILIES)('with node:dgram clients, %s', (type, address, host) => {
  test('datagrams of every size come back as they are', async () => {
    using server = await startEcho(address);
    const client = dgram.createSocket(type);
    for (const size of SIZES) {
      client.send(content(size), server.port, host);
      const [data, from] = (await once(client, 'message')) as [Buffer, dgram.RemoteInfo];
      expect([data.length, digest(data)]).toEqual([size, digest(content(size))]);
      expect(from.port).toBe(server.port);
    }
    client.close();
  });

  test('many clients at once each get their own', async () => {
    using server = await startEcho(address);
    await Promise.all(
      Array.from({ length: 20 }, async (_, k) => {
        const client = dgram.createSocket(type);
        for (let i = 0; i < 20; i++) {
          client.send(`client ${k}, datagram ${i}`, server.port, host);
          const [data] = (await once(client, 'message')) as [Buffer];
          expect(data.toString()).toBe(`client ${k}, datagram ${i}`);
        }
        client.close();
      }),
    );
  });
});
