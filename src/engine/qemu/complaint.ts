/**
 * What QEMU died of, from its standard error, in its own words: the last of its error lines, without the program's
 * name. Undefined when there is none.
 */
export function complaint(stderr: string): string | undefined {
  const lines = stderr.split('\n').filter((line) => /^(qemu|vitrine-guard)/.test(line) && !line.includes(': warning:'));
  return lines
    .at(-1)
    ?.replace(/^[^:]*(qemu-system-\w+|vitrine-guard): /, '')
    .trim();
}
