/** Either the value or a promise of it: `await` serves both. */
export type MaybePromise<T> = T | Promise<T>;
