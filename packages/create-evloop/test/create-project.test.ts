import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProject } from '../src/index.ts';

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'create-evloop-'));
});
afterEach(() => rmSync(scratch, { recursive: true }));

const manifest = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

describe('createProject', () => {
  it.each([
    ['tcp', 'TcpListener.bind', ['evloop', '@evloop/service']],
    ['udp', 'UdpSocket.bind', ['evloop']],
    ['proxy', 'relay(', ['evloop', '@evloop/service']],
    ['broadcast', 'takeUntil', ['evloop', '@evloop/service', '@evloop/buffer']],
  ] as const)('makes a %s server and what it needs', (template, call, packages) => {
    const folder = join(scratch, 'a', 'new-one');
    createProject(folder, template);
    expect(readdirSync(folder).sort()).toEqual([
      '.gitignore',
      'package.json',
      'server.ts',
      'tsconfig.json',
    ]);
    expect(readFileSync(join(folder, 'server.ts'), 'utf8')).toContain(call);
    expect(manifest(folder)).toMatchObject({ name: 'new-one', private: true, type: 'module' });
    expect(Object.keys(manifest(folder).dependencies)).toEqual(packages);
  });

  it('takes evloop from the clone that it stands in itself', () => {
    const folder = join(scratch, 'a', 'new-one');
    createProject(folder, 'tcp');
    const [, path = ''] = /^file:(.*)$/.exec(manifest(folder).dependencies.evloop) ?? [];
    expect(path).not.toMatch(/\\/);
    const clone = fileURLToPath(new URL('../../evloop', import.meta.url));
    expect(realpathSync(join(folder, path))).toBe(realpathSync(clone));
  });

  it('uses an empty folder, and gives the project a name that npm takes', () => {
    const folder = mkdtempSync(join(scratch, '.My Server '));
    createProject(folder, 'tcp');
    expect(manifest(folder).name).toMatch(/^my-server-[a-z0-9]+$/);
  });

  it('uses a folder that holds only a repository', () => {
    mkdirSync(join(scratch, '.git'));
    createProject(scratch, 'tcp');
    expect(readdirSync(scratch)).toContain('server.ts');
  });

  it('says plainly that a file is in the way', () => {
    const file = join(scratch, 'letter.txt');
    writeFileSync(file, 'dear');
    const way = `${file} is a file or below one`;
    expect(() => createProject(file, 'tcp')).toThrow(`cannot use ${file}: ${way}`);
    const below = join(file, 'server');
    expect(() => createProject(below, 'tcp')).toThrow(`cannot use ${below}: ${below} is a file or`);
  });

  it('touches nothing in a folder that is not empty', () => {
    writeFileSync(join(scratch, 'letter.txt'), 'dear');
    expect(() => createProject(scratch, 'tcp')).toThrow(/is not empty/);
    expect(readdirSync(scratch)).toEqual(['letter.txt']);
  });
});

describe('the command', () => {
  const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
  const run = (...args: string[]) =>
    execFileSync(process.execPath, [cli, ...args], {
      cwd: scratch,
      encoding: 'utf8',
      stdio: 'pipe',
    });

  it('says what to do next', () => {
    expect(run('chat', '--udp')).toContain('cd chat\n  npm install\n  npm start\n');
    expect(readFileSync(join(scratch, 'chat/server.ts'), 'utf8')).toContain('UdpSocket');
    run('relays', '--template', 'proxy');
    expect(readFileSync(join(scratch, 'relays/server.ts'), 'utf8')).toContain('relay(');
  });

  it('quotes a folder whose name the shell would split', () => {
    expect(run('my server')).toContain('cd "my server"\n');
    expect(readdirSync(join(scratch, 'my server'))).toContain('server.ts');
  });

  it.each([
    [1, 'is not empty', ['.']],
    [1, 'letter.txt is a file or below one', ['letter.txt']],
    [2, 'Usage', []],
    [2, 'Usage', ['a', 'b']],
    [2, "Unknown option '--sctp'", ['a', '--sctp']],
    [2, "invalid template: 'sctp' (expected tcp, udp, proxy", ['a', '--template', 'sctp']],
  ])('exits with %i and one line: %s', (status, message, args) => {
    writeFileSync(join(scratch, 'letter.txt'), 'dear');
    let failure: { status?: number; stderr?: string } = {};
    try {
      run(...args);
    } catch (error) {
      failure = error as typeof failure;
    }
    expect(failure.status).toBe(status);
    expect(failure.stderr).toContain(message);
    expect(readdirSync(scratch)).toEqual(['letter.txt']);
  });
});
