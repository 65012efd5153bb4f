/** A value or a promise of it: `await` works for both. */
export type MaybePromise<T> = T | Promise<T>;
