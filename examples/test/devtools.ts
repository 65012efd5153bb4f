import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { onTestFinished } from 'vitest';

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];

interface Answer {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** Headless Chromium, driven through pipes by the DevTools protocol. It ends with the test. */
export class Browser {
  readonly #commands: Writable;
  readonly #pending = new Map<number, (answer: Answer) => void>();
  #last = 0;

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
    const flags = [...FLAGS, '--remote-debugging-pipe', `--user-data-dir=${folder}`];
    const child = spawn('chromium', flags, {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const [, , , commands, answers] = child.stdio as unknown as [0, 0, 0, Writable, Readable];
    this.#commands = commands.on('error', () => {});
    let text = '';
    answers.setEncoding('utf8').on('data', (chunk: string) => {
      // Each message ends with a zero byte.
      const messages = (text + chunk).split('\0');
      text = messages.pop() as string;
      for (const message of messages) this.#hear(JSON.parse(message) as Answer);
    });
    onTestFinished(async () => {
      const ended = once(child, 'exit');
      if (child.exitCode === null) process.kill(-(child.pid as number), 'SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
    });
  }

  /** Opens a page, and resolves when it has loaded. */
  async open(url: string): Promise<Page> {
    const { targetId } = await this.send('Target.createTarget', { url });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page(this, String(sessionId));
    await page.until(`location.href !== 'about:blank' && document.readyState === 'complete'`);
    return page;
  }

  /** Sends a command of the protocol. Rejects with its error. */
  async send(
    method: string,
    params: Record<string, unknown>,
    sessionId?: string,
  ): Promise<Record<string, unknown>> {
    const id = ++this.#last;
    const answer = new Promise<Answer>((resolve) => this.#pending.set(id, resolve));
    this.#commands.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { error, result = {} } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  #hear(answer: Answer): void {
    if (answer.id === undefined) return;
    this.#pending.get(answer.id)?.(answer);
    this.#pending.delete(answer.id);
  }
}

/** A page of {@link Browser}. */
export class Page {
  readonly #browser: Browser;
  readonly #session: string;

  constructor(browser: Browser, session: string) {
    this.#browser = browser;
    this.#session = session;
  }

  /** Returns the value of an expression. */
  async evaluate(expression: string): Promise<unknown> {
    const params = { expression, returnByValue: true };
    const answer = await this.#browser.send('Runtime.evaluate', params, this.#session);
    return (answer['result'] as { value?: unknown }).value;
  }

  /** Resolves when an expression is true. */
  async until(expression: string): Promise<void> {
    while (!(await this.evaluate(expression))) await new Promise((next) => setTimeout(next, 20));
  }

  /** Types a line into the element that has the focus, as a keyboard does. */
  async type(text: string): Promise<void> {
    await this.#browser.send('Input.insertText', { text }, this.#session);
    const enter = { key: 'Enter', code: 'Enter', text: '\r', windowsVirtualKeyCode: 13 };
    for (const type of ['keyDown', 'keyUp']) {
      await this.#browser.send('Input.dispatchKeyEvent', { type, ...enter }, this.#session);
    }
  }
}
