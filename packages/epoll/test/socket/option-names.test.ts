import type { SocketOptionName } from '@evloop/core';
import { SOCKET_OPTION_FORMS } from '@evloop/core/backend';
import { expect, test } from 'vitest';
import { OPTION_NAMES } from '../../src/socket/option-names.ts';

// An option that no kind of socket lists compiles, and is EVLOOP_UNSUPPORTED everywhere.
test('each option of core is listed for a kind of socket', () => {
  const listed = new Set<SocketOptionName>(Object.values(OPTION_NAMES).flat());
  const options = Object.keys(SOCKET_OPTION_FORMS) as SocketOptionName[];
  expect(options.filter((name) => !listed.has(name))).toEqual([]);
});

test.each(Object.entries(OPTION_NAMES))('no option is listed twice for %s', (_, names) => {
  expect([...new Set(names)]).toEqual(names);
});
