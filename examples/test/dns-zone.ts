import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const RECORDS = `$ORIGIN example.com.
$TTL 300
@ IN SOA ns1 admin ( 2026112801 7200 3600 1209600 120 )
@ IN NS ns1
@ IN MX 10 mail
@ IN CAA 0 issue "ca.example.net"
ns1 IN A 192.0.2.1
www 60 IN A 192.0.2.2
www IN AAAA 2001:db8::2
alias IN CNAME www
loop IN CNAME pool
pool IN CNAME loop
away IN CNAME www.example.net.
txt IN TXT "hello world" "two; parts"
*.wild IN A 192.0.2.9
_sip._tcp IN SRV 1 2 5060 www
sub IN NS ns.sub
ns.sub IN A 192.0.2.53
`;

/** Of a name with so many addresses that they fit no datagram. */
export const BIG = 100;

const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a zone file. */
export function zoneFile(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** A zone file with all that the server supports. */
export function exampleZone(): string {
  const big = Array.from({ length: BIG }, (_, i) => `big IN A 192.0.2.${i}\n`);
  return zoneFile('example.zone', RECORDS + big.join(''));
}
