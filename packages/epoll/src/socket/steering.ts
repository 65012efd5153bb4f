import type { Steering } from '@evloop/core';
import { check } from '../native/errno-error.ts';
import { native } from '../native/native.ts';

const { ENOENT, EINVAL, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF } = native.constants;

/** Opcodes of classic BPF: linux/bpf_common.h. */
const LOAD_WORD = 0x20;
const LOAD_BYTE = 0x30;
const MODULO = 0x94;
const RETURN = 0x16;
/** `SKF_AD_OFF + SKF_AD_CPU` of linux/filter.h: not a place in the payload, but the CPU. */
const CPU = -0x1000 + 36;

/** Sets which socket of a `reusePort` group gets a datagram. */
export function setSteering(fd: number, steering: Steering | null): void {
  if (steering === null) {
    const result = native.setsockopt(fd, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, new Uint8Array(4));
    // There was nothing to detach: the group had no program, or is not a group.
    if (result !== -ENOENT && result !== -EINVAL) check(result, 'setsockopt');
    return;
  }
  const load =
    steering.by === 'cpu' ? instruction(LOAD_WORD, CPU) : instruction(LOAD_BYTE, steering.offset);
  const program = [load, instruction(MODULO, steering.sockets), instruction(RETURN, 0)];
  check(native.attachReuseport(fd, new Uint8Array(Buffer.concat(program))), 'setsockopt');
}

/** `struct sock_filter`: a code, no jumps, and an operand. */
function instruction(code: number, operand: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new Uint16Array(bytes.buffer)[0] = code;
  new Int32Array(bytes.buffer)[1] = operand;
  return bytes;
}
