import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { connected, received, startServer, ways } from './program.ts';

async function ask(port: number, agent: Agent): Promise<IncomingMessage & { text: string }> {
  const [response] = (await once(get({ host: '127.0.0.1', port, agent }), 'response')) as [
    IncomingMessage,
  ];
  let text = '';
  for await (const chunk of response) text += chunk;
  return Object.assign(response, { text });
}

describe.each(ways)('http_server on %s, %s', (backend, wait) => {
  const start = (...more: string[]) =>
    startServer('http_server', ['--backend', backend, '--wait', wait, ...more]);

  it('answers each GET as text, on connections that it keeps', async () => {
    const server = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const first = await ask(server.port, agent);
    const second = await ask(server.port, agent);
    expect([first.statusCode, first.headers['content-type'], first.text]).toEqual([
      200,
      'text/plain',
      'Hello world!\n',
    ]);
    expect(second.socket).toBe(first.socket);
    expect(first.headers.connection).toBe('keep-alive');
    agent.destroy();
    expect(await server.stop()).toBe(0);
    expect(server.stderr).toBe('');
  });

  it('answers half a head with 408, and garbage with 400', async () => {
    const server = await start('--headers', '1');
    const slow = await connected(server.port);
    slow.write('GET / HTTP/1.1\r\nHost: ');
    const rude = await connected(server.port);
    rude.write('\0\0\0\r\n\r\n');
    expect(String(await received(rude))).toMatch(/^HTTP\/1\.1 400/);
    expect(String(await received(slow))).toMatch(/^HTTP\/1\.1 408/);
    expect(await server.stop()).toBe(0);
  });

  it('drains on SIGTERM: what is asked for meanwhile is answered, and closes', async () => {
    const server = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await ask(server.port, agent);
    const ended = server.stop('SIGTERM');
    expect((await ask(server.port, agent)).text).toBe('Hello world!\n');
    expect(await ended).toBe(0);
    agent.destroy();
  });
});
