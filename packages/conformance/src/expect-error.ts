import assert from 'node:assert/strict';
import type { EvloopErrorCode } from '@evloop/core';

/** Checks that `act` throws an error with one of these codes. */
export function expectCode(act: () => unknown, ...codes: string[]): Error {
  try {
    act();
  } catch (error) {
    return checkCode(error, codes);
  }
  return assert.fail(`${codes.join(' or ')} should be thrown by ${String(act)}`);
}

/** Checks that the promise rejects with an error with this code. */
export async function expectRejected(
  promise: Promise<unknown>,
  code: EvloopErrorCode,
): Promise<void> {
  const outcome = await promise.then(
    () => assert.fail(`it should be rejected with ${code}`),
    (error: unknown) => error,
  );
  checkCode(outcome, [code]);
}

/** Checks the shape of a {@link SystemError}. */
export function checkSystemError(error: unknown, code: string, syscall: string): void {
  assert.ok(error instanceof Error);
  const found = error as Error & { code?: unknown; errno?: unknown; syscall?: unknown };
  assert.equal(found.code, code);
  assert.equal(found.syscall, syscall);
  assert.ok(Number.isInteger(found.errno) && (found.errno as number) < 0, `errno ${found.errno}`);
  assert.ok(found.message.startsWith(`${syscall} ${code}`), found.message);
}

function checkCode(error: unknown, codes: string[]): Error {
  assert.ok(error instanceof Error, `an Error, not ${String(error)}`);
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && codes.includes(code)) return error;
  return assert.fail(`${codes.join(' or ')}, not ${String(error.stack)}`);
}
