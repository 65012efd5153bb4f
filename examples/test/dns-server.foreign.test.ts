import { needs } from '@evloop/testing';
import { describe, expect, it } from 'vitest';
import { BIG, exampleZone, zoneFile } from './dns-zone.ts';
import { Program, startServer, ways } from './program.ts';

const zone = exampleZone();

async function printed(file: string, ...args: string[]): Promise<string> {
  const program = new Program(file, args);
  expect([await program.ended, program.stderr]).toEqual([0, '']);
  return program.stdout;
}

/** What dig shows of an answer: its status, its flags, and its records, section by section. */
async function dig(port: number, ...question: string[]): Promise<string[]> {
  const options = ['+norecurse', '+nostats', '+noquestion', '+tries=5', '+time=5'];
  const text = await printed('dig', '@127.0.0.1', '-p', `${port}`, ...options, ...question);
  const status = /status: (\w+)/.exec(text)?.[1] ?? '';
  const flags = /flags: ([^;]*);/.exec(text)?.[1] ?? '';
  const records = text.split('\n').filter((line) => /^[^;\s]/.test(line));
  return [`${status} ${flags}`, ...records.map((line) => line.replaceAll(/\s+/g, ' '))];
}

const SOA =
  'example.com. 120 IN SOA ns1.example.com. admin.example.com. 2026112801 7200 3600 1209600 120';

describe.each(ways)('dns_server on %s, %s', (backend, wait) => {
  const args = ['--backend', backend, '--wait', wait, '--zone', zone, '--quiet'];

  it('answers dig by the rules of RFC 1034', needs('dig'), async () => {
    const server = await startServer('dns_server', args);
    const says = async (question: string, ...answer: string[]): Promise<void> =>
      expect([question, ...(await dig(server.port, ...question.split(' ')))]).toEqual([
        question,
        ...answer,
      ]);
    await says('WwW.example.com AAAA', 'NOERROR qr aa', 'www.example.com. 300 IN AAAA 2001:db8::2');
    await says(
      'alias.example.com A',
      'NOERROR qr aa',
      'alias.example.com. 300 IN CNAME www.example.com.',
      'www.example.com. 60 IN A 192.0.2.2',
    );
    const text = 'txt.example.com. 300 IN TXT "hello world" "two; parts"';
    await says('txt.example.com TXT', 'NOERROR qr aa', text);
    const srv = '_sip._tcp.example.com. 300 IN SRV 1 2 5060 www.example.com.';
    await says('_sip._tcp.example.com SRV', 'NOERROR qr aa', srv);
    await says('example.com MX', 'NOERROR qr aa', 'example.com. 300 IN MX 10 mail.example.com.');
    const wild = 'a.b.wild.example.com. 300 IN A 192.0.2.9';
    await says('a.b.wild.example.com A', 'NOERROR qr aa', wild);
    await says('wild.example.com A', 'NOERROR qr aa', SOA);
    await says('www.example.com TXT', 'NOERROR qr aa', SOA);
    await says('nope.example.com A', 'NXDOMAIN qr aa', SOA);
    await says(
      'x.sub.example.com A',
      'NOERROR qr',
      'sub.example.com. 300 IN NS ns.sub.example.com.',
      'ns.sub.example.com. 300 IN A 192.0.2.53',
    );
    await says('example.net A', 'REFUSED qr');
    await says('+opcode=NOTIFY example.com SOA', 'NOTIMP qr');
    await says('+edns=1 +noednsneg www.example.com A', 'BADVERS qr');
    await says('+noedns +ignore big.example.com A', 'NOERROR qr aa tc');
    // It asks again over TCP by itself.
    expect(await dig(server.port, 'big.example.com', 'A')).toHaveLength(1 + BIG);
    expect(await server.stop()).toBe(0);
    expect(server.stderr).toBe('');
  });

  it('answers kdig, over UDP and one TCP connection', needs('kdig'), async () => {
    const server = await startServer('dns_server', args);
    const at = ['@127.0.0.1', '-p', `${server.port}`, '+short', '+retry=5'];
    expect(await printed('kdig', ...at, 'www.example.com', 'A')).toBe('192.0.2.2\n');
    const many = ['+tcp', '+keepopen', 'www.example.com', 'A', 'ns1.example.com', 'A'];
    expect(await printed('kdig', ...at, ...many)).toBe('192.0.2.2\n192.0.2.1\n');
    expect(await server.stop()).toBe(0);
  });

  it.each(['udp', 'tcp'])(
    'loses no question of dnsperf over %s',
    needs('dnsperf'),
    async (mode) => {
      const server = await startServer('dns_server', args);
      const lines = ['www.example.com A', 'alias.example.com A', 'nope.example.com A'];
      const file = zoneFile(`questions-${backend}-${wait}-${mode}`, `${lines.join('\n')}\n`);
      const count = 3000;
      const load = ['-m', mode, '-d', file, '-n', `${count / lines.length}`, '-c', '4', '-t', '30'];
      const text = await printed('dnsperf', '-s', '127.0.0.1', '-p', `${server.port}`, ...load);
      expect(/Queries sent: +(\d+)/.exec(text)?.[1]).toBe(`${count}`);
      expect(/Queries lost: +(\d+)/.exec(text)?.[1]).toBe('0');
      expect(text).toMatch(/Response codes: +NOERROR 2000 .*NXDOMAIN 1000 /);
      expect(await server.stop()).toBe(0);
    },
  );
});
