import { readFileSync } from 'node:fs';
import { native } from '../native/native.ts';

const { EPERM, ENOSYS } = native.constants;
const SETTING = 'EVLOOP_IO_URING';

/** Whether corked writes are sent by io_uring(7) on this machine. */
export interface IoUring {
  readonly usable: boolean;
  /** Why not; `undefined` where it is usable. One line without a full stop. */
  readonly reason: string | undefined;
}

let known: IoUring | undefined;

/**
 * Returns whether io_uring can be used, and if not, why. The kernel is asked once.
 *
 * `EVLOOP_IO_URING=off` forbids it. Then, and where the kernel or a filter of system calls refuses,
 * corked writes are sent one by one by send(2), still in one native call.
 *
 * @throws RangeError: `EVLOOP_IO_URING` is neither `off` nor `auto`.
 */
export function ioUring(): IoUring {
  known ??= look();
  return known;
}

function look(): IoUring {
  const setting = process.env[SETTING] || 'auto';
  if (setting !== 'auto' && setting !== 'off') {
    throw new RangeError(`invalid ${SETTING}: '${setting}' (expected 'auto' or 'off')`);
  }
  if (setting === 'off') return { usable: false, reason: `${SETTING} is off` };
  const result = native.ioUringProbe();
  if (result === 0) return { usable: true, reason: undefined };
  return { usable: false, reason: reasonOf(result) };
}

function reasonOf(result: number): string {
  if (result === -ENOSYS) return 'this kernel has no io_uring, or only one before 5.7';
  if (result !== -EPERM) return `io_uring_setup failed with errno ${-result}`;
  const disabled = sysctl('/proc/sys/kernel/io_uring_disabled');
  if (disabled !== undefined && disabled !== '0') {
    return `the sysctl kernel.io_uring_disabled is ${disabled}`;
  }
  return 'a filter of system calls (seccomp), as container runtimes install it, forbids io_uring';
}

function sysctl(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
