/** Numbers as the report writes them; nothing for NaN. */
const digits = (value: number): number => (value < 10 ? 2 : value < 100 ? 1 : 0);

/** A time, or another number whose size decides how many digits matter. */
export function time(value: number): string {
  return Number.isFinite(value) ? value.toFixed(digits(value)) : '';
}

/** A ratio or a share: two digits. */
export function share(value: number): string {
  return Number.isFinite(value) ? value.toFixed(2) : '';
}

/** A whole number, its thousands apart. */
export function count(value: number): string {
  return Number.isFinite(value) ? Math.round(value).toLocaleString('en') : '';
}

/** A size. */
export function bytes(value: number | undefined): string {
  if (value === undefined) return '';
  return value < 1024 ? `${Math.round(value)} B` : `${(value / 1024).toFixed(1)} KiB`;
}
