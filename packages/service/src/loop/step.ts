/**
 * A bounded piece of work.
 *
 * - `'wait'`: nothing more can be done until an event.
 * - `'again'`: there is more to do, and no event will announce it. The loop calls the step again
 *   after the others had their turn.
 * - `'end'`: the work is done.
 */
export type Step = () => Next;

/** What a {@link Step} answers. */
export type Next = 'wait' | 'again' | 'end';
