/** The Internet checksum of `bytes` (RFC 1071), starting from `sum`. */
export function internetChecksum(bytes: Uint8Array, sum = 0): number {
  let total = sum + sumWords(bytes);
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x10000);
  return ~total & 0xffff;
}

/** The sum of the 16-bit words of `bytes`. */
export function sumWords(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    sum += ((bytes[i] as number) << 8) | (bytes[i + 1] as number);
  }
  if (bytes.length % 2 === 1) sum += (bytes[bytes.length - 1] as number) << 8;
  return sum;
}
