const UNITS: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };
const SECTOR_BYTES = 512;

/** Bytes of a size that the schema has accepted, rounded up to whole sectors. */
export function parseSize(text: string): number {
  const unit = UNITS[text.at(-1)!];
  const bytes = unit === undefined ? Number(text) : Number(text.slice(0, -1)) * unit;
  return Math.ceil(bytes / SECTOR_BYTES) * SECTOR_BYTES;
}

/** As a definition has it: the largest unit that says it exactly. */
export function formatSize(bytes: number): string {
  for (const unit of ['T', 'G', 'M', 'K']) {
    if (bytes % UNITS[unit]! === 0 && bytes > 0) return `${bytes / UNITS[unit]!}${unit}`;
  }
  return String(bytes);
}
