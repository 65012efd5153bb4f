// Two pages in headless Chromium and a plain TCP client, in one room.
import { needs } from '@evloop/testing';
import { describe, expect, it } from 'vitest';
import { Browser, type Page } from './devtools.ts';
import { connected, freePort, startServer, ways } from './program.ts';

const lines = `[...document.querySelectorAll('li')].map((each) => each.textContent)`;
const linesOf = (page: Page): Promise<unknown> => page.evaluate(lines);

describe.each(ways)('web_chat on %s, %s', needs('chromium'), (backend, wait) => {
  it('joins two pages and a plain TCP client in one room', async () => {
    const room = await freePort();
    const args = ['--backend', backend, '--wait', wait, '--room', `${room}`];
    const server = await startServer('web_chat', args);
    await server.printed(new RegExp(`listens on 127.0.0.1:${room}`));
    const browser = new Browser();
    const url = `http://127.0.0.1:${server.port}/`;
    const [first, second] = [await browser.open(url), await browser.open(url)];
    for (const page of [first, second])
      await page.until(`!document.querySelector('input').disabled`);
    const plain = await connected(room);
    await server.printed(/Accepted/);
    let heard = '';
    plain.setEncoding('utf8').on('data', (text: string) => {
      heard += text;
    });

    await first.evaluate(`document.querySelector('input').focus()`);
    await first.type('Grüße <b>von</b> eins');
    await second.until(`${lines}.length === 1`);
    await second.evaluate(`document.querySelector('input').focus()`);
    await second.type('und zwei');
    await first.until(`${lines}.length === 2`);
    // Bytes that are not UTF-8 must not cost the pages their connection.
    plain.write(Buffer.from('plain \xff\n', 'latin1'));
    await first.until(`${lines}.length === 3`);
    await second.until(`${lines}.length === 3`);

    const all = ['Grüße <b>von</b> eins', 'und zwei', 'plain \ufffd'];
    expect(await linesOf(first)).toEqual([`You: ${all[0]}`, all[1], all[2]]);
    expect(await linesOf(second)).toEqual([all[0], `You: ${all[1]}`, all[2]]);
    while (!heard.includes('zwei\n')) await new Promise((next) => setTimeout(next, 20));
    expect(heard).toBe(`${all[0]}\n${all[1]}\n`);

    // A drain tells the pages, and lets the plain client go.
    const ended = server.stop('SIGTERM');
    await first.until(`document.querySelector('input').disabled`);
    plain.end();
    expect(await ended).toBe(0);
    expect(server.stderr).toBe('');
  });
});
