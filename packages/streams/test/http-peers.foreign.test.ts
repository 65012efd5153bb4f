// Node's servers on evloop's listeners, and programs that are no Node: nginx, wrk, curl, openssl,
// h2load.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { needs, type Peer, startNginx, startPeer, temporaryFolder } from '@evloop/testing';
import { describe, expect, test } from 'vitest';
import { authority, server as certificate, client } from './certificates.ts';
import { systemWays } from './fixture.ts';

const program = fileURLToPath(new URL('http-peer.mjs', import.meta.url));
const MEBIBYTE = 2 ** 20;
const run = promisify(execFile);

/** What a command prints. */
async function output(command: string): Promise<string> {
  return (await run('/bin/sh', ['-c', command])).stdout;
}

/** The memory of buffers in the server, in MiB: those in use now, or the most that there were. */
async function memory({ port }: Peer, which: 'held' | 'peak'): Promise<number> {
  return Number(await output(`curl -sS http://127.0.0.1:${port}/${which}`)) / MEBIBYTE;
}

describe.each(systemWays)('servers on $name', ({ name }) => {
  const start = (protocol: string, options: object = {}): Promise<Peer> =>
    startPeer(
      [process.execPath, '--expose-gc', program, name, protocol, JSON.stringify(options)],
      /listening (\d+)/,
    );

  test('http behind nginx, with wrk in front', needs('nginx', 'wrk'), async () => {
    const peer = await start('http');
    const nginx = await startNginx(peer.port);
    const report = await output(`wrk -t 1 -c 20 -d 2s http://127.0.0.1:${nginx.port}/`);
    expect(Number(/(\d+) requests in/.exec(report)?.[1])).toBeGreaterThan(50);
    expect(report).not.toMatch(/Socket errors|Non-2xx/);
  });

  test('an upload of 1 GiB at a limited rate costs little memory', needs('curl'), async () => {
    const peer = await start('http');
    const upload = `curl -sS --limit-rate 200M -T - http://127.0.0.1:${peer.port}/`;
    expect(await output(`head -c 1G /dev/zero | ${upload}`)).toBe(String(1024 * MEBIBYTE));
    expect(await memory(peer, 'peak')).toBeLessThan(100);
  });

  test('an upload that is not read costs at most 1 MiB', needs('curl'), async () => {
    const peer = await start('http');
    const before = await memory(peer, 'held');
    const socket = connect(peer.port, '127.0.0.1').on('error', () => {});
    socket.write('PUT /unread HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1073741824\r\n\r\n');
    socket.write(Buffer.alloc(64 * MEBIBYTE));
    await output('sleep 1');
    expect((await memory(peer, 'held')) - before).toBeLessThan(1);
    expect(socket.writableLength).toBeGreaterThan(32 * MEBIBYTE);
    socket.destroy();
  });

  test('a slow reader of 1 GiB costs at most 1 MiB', needs('curl'), async () => {
    const peer = await start('http');
    const before = await memory(peer, 'held');
    const slow = connect(peer.port, '127.0.0.1');
    slow.write('GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n');
    let size = 0;
    slow.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > 64 * MEBIBYTE) slow.pause();
    });
    await once(slow, 'pause');
    // A server without back-pressure would go on in this time.
    await output('sleep 1');
    expect((await memory(peer, 'held')) - before).toBeLessThan(1);
    slow.destroy();
  });

  test('a drain under wrk loses no response', needs('wrk'), async () => {
    const peer = await start('http');
    const url = `http://127.0.0.1:${peer.port}/`;
    const report = output(`wrk -t 1 -c 20 -d 3s ${url}`);
    await output('sleep 1');
    await peer.stop('SIGTERM');
    expect(peer.output()).toContain('0 cut');
    // Once it has stopped listening, writes to new connections fail. That loses no response: a
    // response that is lost is a failed read.
    expect(await report).not.toMatch(/read [1-9]|timeout [1-9]|Non-2xx/);
  });

  test.each(['1.2', '1.3'])(
    'https for curl and openssl with TLS %s',
    needs('curl', 'openssl'),
    async (version) => {
      const tls = { ...certificate, ca: authority, requestCert: true, rejectUnauthorized: false };
      const peer = await start('https', tls);
      const folder = temporaryFolder();
      const file = (name: string, text: string): string => {
        writeFileSync(join(folder, name), text);
        return join(folder, name);
      };
      const ca = file('ca.pem', authority);
      const own = `--cert ${file('cert.pem', client.cert)} --key ${file('key.pem', client.key)}`;
      const only = `--tlsv${version} --tls-max ${version}`;
      const curl = `curl -sSi --cacert ${ca} ${only} --resolve localhost:${peer.port}:127.0.0.1`;
      const url = `https://localhost:${peer.port}`;
      const plain = await output(`${curl} ${url}/`);
      expect(plain).toContain('Hello world!');
      expect(plain).not.toContain('x-client');
      expect(await output(`${curl} ${own} ${url}/`)).toContain('x-client: client.example');
      const large = `${curl.replace('-sSi', '-sS')} ${url}/large | wc -c`;
      expect(Number(await output(large))).toBe(1024 * MEBIBYTE);

      const flag = `-tls${version.replace('.', '_')}`;
      const to = `-connect 127.0.0.1:${peer.port} -servername localhost -CAfile ${ca}`;
      const request = `printf 'GET / HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n'`;
      const shown = await output(`${request} | openssl s_client -ign_eof ${flag} ${to} 2>&1`);
      expect(shown).toContain('Hello world!');
      expect(shown).toContain('Verify return code: 0 (ok)');

      // A cut without close_notify: the process is killed in the middle of a response.
      const cut = spawn('openssl', ['s_client', '-quiet', flag, ...to.split(' ')]);
      cut.stdin.write('GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await once(cut.stdout, 'data');
      cut.kill('SIGKILL');
      await once(cut, 'exit');
      expect(await output(`${curl} ${url}/`)).toContain('Hello world!');
      await peer.stop('SIGTERM');
      expect(peer.output()).toContain('0 cut');
    },
  );

  test.each(['h2c', 'h2'])('%s for h2load', needs('h2load'), async (protocol) => {
    const peer = await start(protocol, protocol === 'h2' ? certificate : {});
    const url = `${protocol === 'h2' ? 'https' : 'http'}://127.0.0.1:${peer.port}/`;
    const report = await output(`h2load -n 2000 -c 10 -m 10 ${url}`);
    expect(report).toContain('2000 succeeded, 0 failed, 0 errored, 0 timeout');
    await peer.stop('SIGTERM');
    expect(peer.output()).toContain('0 cut');
  });
});
