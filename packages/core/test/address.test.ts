import assert from 'node:assert/strict';
import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { test } from 'vitest';
import { formatIPv4, formatIPv6 } from '../src/address/ip.ts';
import { parseIPv4, parseIPv6, splitZone } from '../src/backend.ts';
import { formatSocketAddress, toSocketAddress } from '../src/index.ts';

const RUNS = { numRuns: 2000 };

test('what is formatted is parsed again', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (bytes) => {
      assert.deepEqual(parseIPv4(formatIPv4(bytes)), bytes);
    }),
    RUNS,
  );
  fc.assert(
    fc.property(sparse, (bytes) => {
      assert.deepEqual(parseIPv6(formatIPv6(bytes)), bytes);
    }),
    RUNS,
  );
});

test('an IPv6 address is written as the platform writes it', () => {
  fc.assert(
    fc.property(sparse, (bytes) => {
      const groups = Array.from({ length: 8 }, (_, i) =>
        (((bytes[2 * i] as number) << 8) | (bytes[2 * i + 1] as number)).toString(16),
      );
      const host = new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
      const mapped = /^::ffff:/.test(formatIPv6(bytes)) && formatIPv6(bytes).includes('.');
      if (!mapped) assert.equal(formatIPv6(bytes), host);
    }),
    RUNS,
  );
});

test('IPv6 in the words of RFC 5952', () => {
  for (const [text, canonical] of [
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:DB8::0:1', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['1::', '1::'],
  ] as const) {
    const bytes = parseIPv6(text);
    assert.ok(bytes, text);
    assert.equal(formatIPv6(bytes), canonical);
  }
});

test('what is a literal is what the platform says', () => {
  const part = fc.oneof(
    fc.nat(300).map(String),
    fc.constantFrom('', '0', '00', '01', '255', '256', '1e2', '0x1', ' 1', 'a'),
  );
  const dotted = fc.array(part, { minLength: 3, maxLength: 5 }).map((all) => all.join('.'));
  fc.assert(
    fc.property(dotted, (text) => assert.equal(parseIPv4(text) !== undefined, isIPv4(text), text)),
    RUNS,
  );
  const group = fc.oneof(
    fc.nat(0xffff).map((value) => value.toString(16)),
    fc.constantFrom('', '', '0', '00000', '12345', 'g', '1.2.3.4', '1.2.3'),
  );
  const coloned = fc.array(group, { minLength: 1, maxLength: 10 }).map((all) => all.join(':'));
  fc.assert(
    fc.property(coloned, (text) => {
      assert.equal(parseIPv6(text) !== undefined, isIPv6(text), text);
    }),
    RUNS,
  );
});

test('an address is read as it is written', () => {
  const port = fc.nat(65535);
  fc.assert(
    fc.property(fc.ipV4(), port, (address, number) => {
      const whole = toSocketAddress({ address, port: number });
      assert.deepEqual(whole, { address, port: number, family: 'IPv4' });
      assert.deepEqual(toSocketAddress(formatSocketAddress(whole)), whole);
    }),
  );
  fc.assert(
    fc.property(fc.ipV6(), port, (address, number) => {
      const whole = toSocketAddress({ address, port: number });
      assert.equal(whole.family, 'IPv6');
      assert.deepEqual(toSocketAddress(formatSocketAddress(whole)), whole);
    }),
  );
});

test('a zone stays with its address', () => {
  assert.deepEqual(splitZone('fe80::1%eth0'), { address: 'fe80::1', zone: 'eth0' });
  assert.deepEqual(splitZone('fe80::1'), { address: 'fe80::1', zone: undefined });
  assert.deepEqual(toSocketAddress('[fe80::1%eth0]:80'), {
    address: 'fe80::1%eth0',
    port: 80,
    family: 'IPv6',
  });
  assert.throws(() => toSocketAddress('[fe80::1%]:80'), TypeError);
  assert.throws(() => toSocketAddress('127.0.0.1%lo:80'), TypeError);
});

test('no text makes it fail in another way than TypeError and RangeError', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[[\]:.%0-9a-f]{0,30}$/));
  fc.assert(
    fc.property(text, (input) => {
      try {
        const { address, port } = toSocketAddress(input);
        assert.ok(isIPv4(address) || isIPv6(address), address);
        assert.ok(port >= 0 && port <= 65535);
      } catch (error) {
        assert.ok(error instanceof TypeError || error instanceof RangeError, String(error));
      }
    }),
    RUNS,
  );
});

test('a family that does not fit, and a name, are told apart', () => {
  const address = '127.0.0.1';
  assert.throws(
    () => toSocketAddress({ address, port: 1, family: 'IPv6' }),
    /family: IPv6 .*an IPv4 address/,
  );
  assert.throws(() => toSocketAddress('[127.0.0.1]:80'), TypeError);
  assert.throws(() => toSocketAddress('localhost:80'), /dns\.promises\.lookup/);
});

/** 16 bytes with runs of zeros, as addresses have them. */
const sparse = fc
  .tuple(
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    fc.array(fc.constantFrom(0, 0, 1), { minLength: 16, maxLength: 16 }),
  )
  .map(([bytes, mask]) => bytes.map((byte, i) => byte * (mask[i] as number)));
