/** Returns a path as one word of a command line: of sh, or of cmd and PowerShell on Windows. */
export function shellQuote(path: string, platform: string = process.platform): string {
  if (/^[\w@%+=:,./-]+$/.test(path)) return path;
  if (platform === 'win32' || !/["$`\\!]/.test(path)) return `"${path}"`;
  return `'${path.replaceAll("'", "'\\''")}'`;
}
