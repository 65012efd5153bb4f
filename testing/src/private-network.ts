import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A device of a network, and its address with the length of the prefix, as ip(8) takes it. */
export interface Device {
  readonly name: string;
  readonly address?: string;
}

/**
 * A network namespace with nothing but a loopback interface, on which every port is free:
 * unshare(1), nsenter(1). It needs no privileges where user namespaces are allowed. Files, and so
 * `/sys`, are those of the test.
 */
export class PrivateNetwork {
  readonly #holder: ChildProcess;

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
  }

  /** @param beside a network that this one can be linked with. */
  static async open(beside?: PrivateNetwork): Promise<PrivateNetwork> {
    // It lives as long as its standard input.
    const script = 'ip link set lo up && echo ready && exec cat >/dev/null';
    const [file, args] =
      beside === undefined
        ? ['unshare', ['-rn', 'sh', '-c', script]]
        : beside.command('unshare', '-n', 'sh', '-c', script);
    const holder = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    if (holder.stdout === null) throw new Error('it has no output');
    await once(holder.stdout, 'data');
    return new PrivateNetwork(holder);
  }

  /** Returns the file and the arguments that run a program in it. */
  command(file: string, ...args: string[]): [file: string, args: string[]] {
    const into = ['--target', `${this.#holder.pid}`, '--user', '--net', '--preserve-credentials'];
    return ['nsenter', [...into, file, ...args]];
  }

  /** Runs a program in it to its end, and returns what it printed. */
  run(file: string, ...args: string[]): string {
    return execFileSync(...this.command(file, ...args), { encoding: 'utf8' });
  }

  /** Joins this network with one that was opened beside it, by a pair of virtual devices. */
  link(here: Device, other: PrivateNetwork, there: Device): void {
    const peer = ['peer', 'name', there.name, 'netns', `${other.#holder.pid}`];
    this.run('ip', 'link', 'add', here.name, 'type', 'veth', ...peer);
    for (const [network, { name, address }] of [
      [this, here],
      [other, there],
    ] as const) {
      if (address !== undefined) network.run('ip', 'address', 'add', address, 'dev', name);
      network.run('ip', 'link', 'set', name, 'up');
    }
  }

  async close(): Promise<void> {
    this.#holder.stdin?.end();
    await once(this.#holder, 'exit');
  }
}
