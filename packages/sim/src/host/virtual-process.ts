import { EventEmitter } from 'node:events';
import { Readable, Writable } from 'node:stream';

/** How much of what a process prints is kept, in characters. */
const KEPT = 100_000;
const { argv: realArgv, env: realEnv } = process;

/** Standard output or standard error of a simulated process. It never blocks. */
export class VirtualOutput extends Writable {
  /** The end of what was written. */
  text = '';

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.text = (this.text + Buffer.from(chunk).toString()).slice(-KEPT);
    done();
  }
}

/** What `process` is to the code of one simulated process. */
export class VirtualProcess {
  argv: string[] = [...realArgv];
  env: NodeJS.ProcessEnv = { ...realEnv, EVLOOP_BACKEND: 'sim' };
  exitCode: number | string | null | undefined;
  readonly stdout: VirtualOutput = new VirtualOutput();
  readonly stderr: VirtualOutput = new VirtualOutput();
  /** Whether it runs a script, so that its arguments and standard streams are its own. */
  scripted = false;
  /** The listeners of signals, `beforeExit` and `exit`. */
  readonly events: EventEmitter = new EventEmitter();
  #stdin: Readable | undefined;
  #input: string | Uint8Array = '';

  /** Standard input. It ends behind what `start` was given. */
  get stdin(): Readable {
    if (this.#stdin === undefined) {
      this.#stdin = new Readable({ read() {} });
      if (this.#input.length > 0) this.#stdin.push(this.#input);
      this.#stdin.push(null);
    }
    return this.#stdin;
  }

  /** Sets what a program finds when it starts. */
  start(argv: string[], input: string | Uint8Array, env: NodeJS.ProcessEnv): void {
    this.scripted = true;
    this.argv = argv;
    this.#input = input;
    Object.assign(this.env, env);
  }
}
