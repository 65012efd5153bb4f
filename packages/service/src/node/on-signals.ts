import process from 'node:process';
import {
  onSignals as onSignalsOf,
  type SignalAction,
  type SignalOptions,
  type SignalTarget,
} from '../signals.ts';

/**
 * Stops or drains `target` when this process gets a signal. Dispose the result to undo it.
 *
 * @param actions what each signal does. Default: SIGTERM drains and SIGINT stops.
 */
export function onSignals(
  target: SignalTarget,
  actions: Readonly<Record<string, SignalAction>> = { SIGTERM: 'drain', SIGINT: 'stop' },
  options: SignalOptions = {},
): Disposable {
  return onSignalsOf(process, target, actions, options);
}
