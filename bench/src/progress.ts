const started = performance.now();

/**
 * Shows on standard error what is going on: one line that changes on a terminal, one line a case
 * elsewhere.
 */
export class Progress {
  readonly #terminal = process.stderr.isTTY === true;
  #title = '';

  /** A new part begins. */
  begin(title: string): void {
    this.#title = title;
    if (!this.#terminal) this.#write(`${elapsed()} ${title}\n`);
  }

  /** What is done within it. */
  readonly step = (text: string): void => {
    if (this.#terminal) this.#write(`\r\u001b[K${elapsed()} ${this.#title}: ${text}`);
  };

  /** Takes the changing line away. */
  end(): void {
    if (this.#terminal) this.#write('\r\u001b[K');
  }

  #write(text: string): void {
    process.stderr.write(text);
  }
}

function elapsed(): string {
  const seconds = Math.round((performance.now() - started) / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2)}:${String(seconds % 60).padStart(2, '0')}`;
}
