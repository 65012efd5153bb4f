import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connected, freePort, startServer, ways } from './program.ts';

describe.each(ways)('web_chat on %s, %s', (backend, wait) => {
  const start = async (...more: string[]) => {
    const room = await freePort();
    const args = ['--backend', backend, '--wait', wait, '--room', `${room}`, ...more];
    return Object.assign(await startServer('web_chat', args), { room });
  };

  /** A client of the page's kind. */
  async function pageOf(port: number): Promise<WebSocket> {
    const origin = `http://127.0.0.1:${port}`;
    const page = new WebSocket(`ws://127.0.0.1:${port}/`, { origin });
    await once(page, 'open');
    return page;
  }

  it('serves its page, and nothing else', async () => {
    const server = await start();
    const url = `http://127.0.0.1:${server.port}`;
    expect(await (await fetch(`${url}/`)).text()).toContain('<title>web_chat</title>');
    expect((await fetch(`${url}/other`)).status).toBe(404);
    expect(await server.stop()).toBe(0);
  });

  it('refuses pages of other sites', async () => {
    const server = await start();
    const page = new WebSocket(`ws://127.0.0.1:${server.port}/`, { origin: 'http://example.com' });
    const [error] = (await once(page, 'error')) as [Error];
    expect(error.message).toContain('401');
    expect(await server.stop()).toBe(0);
  });

  it('drops a page that does not read, and survives one that breaks the protocol', async () => {
    const server = await start('--queue', '300000');
    const before = server.memory();
    const [slow, rude] = [await pageOf(server.port), await pageOf(server.port)];
    slow.pause();
    rude.on('error', () => {}).send('x'.repeat(65537));
    await once(rude, 'close');
    const plain = await connected(server.room);
    const gone = once(slow, 'close');
    const line = Buffer.from(`${'x'.repeat(50_000)}\n`);
    for (let i = 0; i < 1000; i++) {
      if (!plain.write(line)) await once(plain, 'drain');
    }
    slow.resume();
    await gone;
    expect(server.memory() - before).toBeLessThan(64);
    plain.destroy();
    expect(await server.stop()).toBe(0);
    expect(server.stderr).toBe('');
  });
});
