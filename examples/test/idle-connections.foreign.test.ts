// 10,000 idle clients of tcp_proxy, or as many as the limit of descriptors allows: the proxy needs
// two for each.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { needs } from '@evloop/testing';
import { describe, expect, it } from 'vitest';
import { Program, root, shell, sleep, startServer, ways } from './program.ts';

const DESCRIPTORS = Number(execFileSync('/bin/sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }));
const CLIENTS = Math.min(10_000, Math.floor((DESCRIPTORS - 100) / 2)) || 10_000;
const IDLE_SECONDS = 20;

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 1024, resolve));
  return (server.address() as { port: number }).port;
}

describe.each(ways)('tcp_proxy on %s, %s', (backend, wait) => {
  it(`closes ${CLIENTS} idle connections, and leaves nothing`, needs('ss'), async () => {
    const sockets = new Set<Socket>();
    const upstream = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
      socket.resume();
    });
    const port = await listening(upstream);
    const args = ['--backend', backend, '--wait', wait, '--quiet', '--idle', `${IDLE_SECONDS}`];
    const proxy = await startServer('tcp_proxy', ['--upstream', `127.0.0.1:${port}`, ...args]);
    const descriptors = () => readdirSync(`/proc/${proxy.child.pid}/fd`).length;
    const [before, open] = [proxy.memory(), descriptors()];
    const program = `${root}examples/test/idle-clients.mjs`;
    const clients = new Program(process.execPath, [program, `${proxy.port}`, `${CLIENTS}`]);
    await clients.printed(/open\n/);
    let most = 0;
    while (sockets.size < CLIENTS && most <= sockets.size) {
      most = sockets.size;
      await sleep(100);
    }
    const each = ((proxy.memory() - before) * 1024) / Math.max(sockets.size, 1);
    process.stdout.write(`${backend}, ${wait}: ${each.toFixed(1)} KiB for each connection\n`);
    expect(each).toBeLessThan(32);

    await clients.printed(/closed \d+\n/);
    expect(clients.stdout).toContain('closed 0\n');
    while (sockets.size > 0) await sleep(50);
    while (descriptors() > open) await sleep(50);
    const left = `ss -Htan state close-wait '( sport = ${proxy.port} or dport = ${proxy.port} )'`;
    while ((await shell(left)).stdout !== '') await sleep(50);
    expect(await proxy.stop()).toBe(0);
    expect(proxy.stderr).toBe('');
    upstream.close();
  });
});
