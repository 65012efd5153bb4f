import { once } from 'node:events';
import { type TlsOptions, connect as tlsConnect } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { secureAccept, secureConnect, toDuplex } from '../src/index.ts';
import { authority, client, other, server } from './certificates.ts';
import { accepted, atEnd, listen, runningLoop, streamPair, textOf, ways } from './fixture.ts';

const trusting = { ca: authority, servername: 'localhost' };

describe.each(ways)('TLS on $name', (way) => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)('carries bytes both ways with %s', async (version) => {
    const { loop, a, b } = await streamPair(way);
    const [near, far] = await Promise.all([
      secureConnect(a, loop, { ...trusting, minVersion: version, maxVersion: version }),
      secureAccept(b, loop, server),
    ]);
    expect([near.getProtocol(), near.authorized]).toEqual([version, true]);
    expect(near.remotePort).toBe(far.localPort);
    expect(near.remoteAddress).toBe('127.0.0.1');
    near.write('from near');
    far.end('from far');
    expect(await textOf(near)).toBe('from far');
    expect(await textOf(far)).toBe('from near');
    await Promise.all([near, far].map((each) => each.closed || once(each, 'close')));
  });

  test('carries more than the buffers hold', async () => {
    const { loop, a, b } = await streamPair(way);
    const [near, far] = await Promise.all([
      secureConnect(a, loop, trusting),
      secureAccept(b, loop, server),
    ]);
    const size = 4 * 1024 * 1024;
    far.end(Buffer.alloc(size, 'x'));
    expect((await textOf(near)).length).toBe(size);
  });

  test('rejects a certificate of another name or authority', async () => {
    const first = await streamPair(way);
    secureAccept(first.b, first.loop, other).catch(() => {});
    await expect(secureConnect(first.a, first.loop, trusting)).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    const second = await streamPair(way);
    secureAccept(second.b, second.loop, server).catch(() => {});
    await expect(
      secureConnect(second.a, second.loop, { servername: 'localhost' }),
    ).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  });

  test('checks certificates of clients, each connection for itself', async () => {
    const options: TlsOptions = { ...server, ca: authority, requestCert: true };
    const good = await streamPair(way);
    const bad = await streamPair(way);
    const refused = secureAccept(bad.b, bad.loop, options);
    const failed = expect(refused).rejects.toBeInstanceOf(Error);
    const accepting = secureAccept(good.b, good.loop, options);
    const near = await secureConnect(good.a, good.loop, { ...trusting, ...client });
    const far = await accepting;
    expect([far.authorized, far.getPeerCertificate().subject.CN]).toEqual([true, 'client.example']);
    // With TLS 1.3 the client has finished before the server refuses it.
    const without = await secureConnect(bad.a, bad.loop, trusting).catch(() => undefined);
    without?.on('error', () => {});
    await failed;
    for (const each of [near, far]) each.destroy();
  });

  test('chooses the certificate by the name that the client asks for', async () => {
    const { createSecureContext } = await import('node:tls');
    const options: TlsOptions = {
      ...server,
      SNICallback: (name, done) =>
        done(null, createSecureContext(name === 'other.example' ? other : server)),
    };
    for (const servername of ['localhost', 'other.example']) {
      const { loop, a, b } = await streamPair(way);
      const accepting = secureAccept(b, loop, options);
      const near = await secureConnect(a, loop, { ca: authority, servername });
      expect(near.getPeerCertificate().subject.CN).toBe(servername);
      (await accepting).destroy();
      near.on('error', () => {}).destroy();
    }
  });

  test('rejects when the peer does not speak TLS', async () => {
    const { loop, a, b } = await streamPair(way);
    toDuplex(a, loop)
      .on('error', () => {})
      .write('GET / HTTP/1.0\r\n\r\n');
    await expect(secureAccept(b, loop, server)).rejects.toMatchObject({
      code: 'ERR_SSL_HTTP_REQUEST',
    });
  });

  test('rejects a handshake that takes too long or breaks off', async () => {
    const slow = await streamPair(way);
    await expect(
      secureConnect(slow.a, slow.loop, { ...trusting, handshakeTimeout: 20 }),
    ).rejects.toMatchObject({ code: 'ERR_TLS_HANDSHAKE_TIMEOUT' });
    const lazy = await streamPair(way);
    await expect(
      secureAccept(lazy.b, lazy.loop, { ...server, handshakeTimeout: 20 }),
    ).rejects.toMatchObject({ code: 'ERR_TLS_HANDSHAKE_TIMEOUT' });
    const cut = await streamPair(way);
    const accepting = secureAccept(cut.b, cut.loop, server);
    toDuplex(cut.a, cut.loop)
      .on('error', () => {})
      .destroy();
    await expect(accepting).rejects.toMatchObject({ code: 'ECONNRESET' });
    lazy.a.close();
    slow.b.close();
  });

  test('rejects when the connection cannot be made', async () => {
    const loop = runningLoop(way);
    const listener = await listen(way);
    const address = listener.localAddr();
    listener.close();
    await expect(
      (async () => secureConnect(way.backend.TcpStream.connect(address), loop, trusting))(),
    ).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe.each(ways.filter(({ name }) => name !== 'memory'))('TLS on $name', (way) => {
  test('answers a client of Node and survives a cut without close_notify', async () => {
    const loop = runningLoop(way);
    const listener = await listen(way);
    const connection = accepted(loop, listener);
    const { port } = listener.localAddr();
    const near = tlsConnect({ port, host: '127.0.0.1', ...trusting });
    near.on('error', () => {});
    const far = await secureAccept(await connection, loop, server);
    atEnd(() => far.destroy());
    far.write('hello');
    expect(String((await once(near, 'data'))[0])).toBe('hello');
    const ended = new Promise((resolve) => far.once('close', resolve).on('error', () => {}));
    far.resume();
    near.destroy();
    await ended;
  });
});
