import { Interest, type SendControl } from '@evloop/core';
import { unsupportedError } from '@evloop/core/backend';

/** Rejects what Node cannot do for one datagram. @throws EVLOOP_UNSUPPORTED. */
export function checkControl(control: SendControl): void {
  for (const [name, value] of Object.entries(control)) {
    if (value !== undefined) throw unsupportedError(`node:dgram cannot set ${name} of a datagram`);
  }
}

/** Rejects an interest that Node does not report. @throws EVLOOP_UNSUPPORTED. */
export function checkInterest(interest: Interest): void {
  if ((interest & Interest.PRIORITY) === 0) return;
  throw unsupportedError('Interest.PRIORITY is not supported by node:dgram');
}
