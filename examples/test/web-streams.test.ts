import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { afterAll, describe, expect, it } from 'vitest';
import {
  authority,
  server as certificate,
  other,
} from '../../packages/streams/test/certificates.ts';
import { connected, received, sleep, startServer, ways } from './program.ts';

const folder = await mkdtemp(join(tmpdir(), 'certificates-'));
await writeFile(join(folder, 'default.pem'), `${certificate.cert}\n${certificate.key}\n`);
await writeFile(join(folder, 'other.example.pem'), `${other.cert}\n${other.key}\n`);
afterAll(() => rm(folder, { recursive: true }));

describe.each(ways)('on %s, %s', (backend, wait) => {
  const way = ['--backend', backend, '--wait', wait];

  it('web_streams turns into capitals what clients send, and answers come back', async () => {
    const upstream = await startServer('tcp_server', way);
    const target = `localhost:${upstream.port}`;
    const server = await startServer('web_streams', [...way, '--upstream', target]);
    const client = await connected(server.port);
    const body = 'hello 1\n'.repeat(50_000);
    client.end(body);
    expect(String(await received(client))).toBe(`Hello world!\n${body.toUpperCase()}`);
    expect(await server.stop()).toBe(0);
    expect(server.stderr).toBe('');
    await upstream.stop();
  });

  it('tls_proxy relays to a plain server, with the certificate of the name', async () => {
    const upstream = await startServer('tcp_server', way);
    const target = `localhost:${upstream.port}`;
    const options = [...way, '--upstream', target, '--certificates', folder];
    const server = await startServer('tls_proxy', options);
    for (const servername of ['localhost', 'other.example', '../default']) {
      const trusting = { ca: authority, servername, checkServerIdentity: () => undefined };
      const client: TLSSocket = tlsConnect({ port: server.port, host: '127.0.0.1', ...trusting });
      const body = 'hello 1\n'.repeat(50_000);
      let name: string | string[] | undefined;
      client.once('secureConnect', () => {
        name = client.getPeerCertificate().subject.CN;
        client.end(body);
      });
      expect(String(await received(client))).toBe(`Hello world!\n${body}`);
      expect(name).toBe(servername === '../default' ? 'localhost' : servername);
    }
    const rude = await connected(server.port);
    rude.end('not TLS\n');
    await server.printed(/a client was cut off: /);
    expect(await server.stop()).toBe(0);
    expect(server.stderr).toBe('');
    await upstream.stop();
  });

  it('tls_proxy sends everything to a client that reads slowly', async () => {
    const upstream = await startServer('tcp_server', way);
    const target = `localhost:${upstream.port}`;
    const options = [...way, '--upstream', target, '--certificates', folder];
    const server = await startServer('tls_proxy', options);
    const trusting = { ca: authority, servername: 'localhost' };
    const client = tlsConnect({ port: server.port, host: '127.0.0.1', ...trusting });
    // More than the system buffers: the proxy still holds bytes when the upstream has ended.
    const size = 16 * 1024 * 1024;
    client.end(Buffer.alloc(size));
    let got = -'Hello world!\n'.length;
    for await (const chunk of client as AsyncIterable<Buffer>) {
      got += chunk.length;
      await sleep(1);
    }
    expect(got).toBe(size);
    expect(await server.stop()).toBe(0);
    await upstream.stop();
  });
});
