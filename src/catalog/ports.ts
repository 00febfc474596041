/** Where a console of its own may listen. */
export interface PortRange {
  /** Undefined: the service's default. */
  readonly address: string | undefined;
  readonly ports: readonly number[];
}

/** More ports than anybody tries one after the other. */
const MAX_PORTS = 1000;
/** As long as the schema lets it be; what is imported has not passed that yet. */
const MAX_LENGTH = 120;

/** `3390`, `5000-5010`, `3389,5000-5010`, `0.0.0.0:3390`, `[::]:3390-3399`; undefined for anything else. */
export function parsePortRange(text: string): PortRange | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const [, bracketed, plain, list] = /^(?:(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):)?([\d,\s-]+)$/.exec(text) ?? [];
  if (list === undefined) return undefined;
  const ports: number[] = [];
  for (const part of list.split(',')) {
    const [, from, to = from] = /^\s*(\d{1,5})\s*(?:-\s*(\d{1,5}))?\s*$/.exec(part) ?? [];
    const [first, last] = [Number(from), Number(to)];
    if (!(first >= 1 && last >= first && last <= 65_535)) return undefined;
    if (ports.length + last - first >= MAX_PORTS) return undefined;
    for (let port = first; port <= last; port++) ports.push(port);
  }
  return { address: bracketed ?? plain, ports };
}
