import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Program } from '../../examples/test/program.ts';

/**
 * A network with nothing but a loopback interface, on which every port is free: unshare(1),
 * nsenter(1).
 */
export class PrivateNetwork {
  readonly #holder: ChildProcess;

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
  }

  static async open(): Promise<PrivateNetwork> {
    // It lives as long as its standard input.
    const script = 'ip link set lo up && echo ready && exec cat >/dev/null';
    const holder = spawn('unshare', ['-rn', 'sh', '-c', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (holder.stdout === null) throw new Error('it has no output');
    await once(holder.stdout, 'data');
    return new PrivateNetwork(holder);
  }

  /** Runs a command line in it, in the top folder of the clone. */
  run(command: string): Program {
    const enter = ['--target', `${this.#holder.pid}`, '--user', '--net', '--preserve-credentials'];
    return new Program('nsenter', [...enter, 'sh', '-c', command]);
  }

  async close(): Promise<void> {
    this.#holder.stdin?.end();
    await once(this.#holder, 'exit');
  }
}
