/** A value inside one of QEMU's comma separated options: it reads two commas as one. */
export function quote(value: string): string {
  return value.replaceAll(',', ',,');
}
