import type { MachineConfig } from '../config.js';
import { oneLine } from '../finding.js';

/** A machine that was somebody else's. */
export interface Imported {
  /** As near to its name as a name here can be. */
  readonly name: string;
  readonly config: MachineConfig;
  /** One line for each thing that the file has and the definition has not: what, and why or what to do. */
  readonly notCarriedOver: readonly string[];
}

/** More is no list that anybody reads. */
const MAX_LINES = 200;
const MAX_LINE_LENGTH = 300;

/** A line that may quote somebody's file. */
export const told = (line: string): string => oneLine(line, MAX_LINE_LENGTH);

/** What has come of a file. @param lines of what was left out; they may quote the file as it is */
export function imported(name: string, draft: Draft, lines: readonly string[]): Imported {
  const all = [...new Set(lines.map(told))];
  const more = all.length - MAX_LINES;
  const notCarriedOver = more > 0 ? [...all.slice(0, MAX_LINES), `${more} more things`] : all;
  return { name: machineName(name), config: withoutGaps(draft), notCarriedOver };
}

/** A definition that is being put together. */
export type Draft = { -readonly [K in keyof MachineConfig]: MachineConfig[K] };

/** A name as MACHINE_NAME wants it. */
export function machineName(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 63)
    .replace(/[-.]+$/, '');
  return plain === '' ? 'imported' : plain;
}

/** What Linux calls a network interface; other hosts name theirs by their makers. */
export function isInterfaceName(name: string): boolean {
  return /^[^\s/,]{1,15}$/.test(name);
}

/** `080027ABCDEF` and `08-00-27-…` as a definition has them; undefined for anything else. */
export function macAddress(text: string | undefined): string | undefined {
  const digits = text?.replace(/[:-]/g, '').toLowerCase();
  return digits !== undefined && /^[0-9a-f]{12}$/.test(digits) ? digits.match(/../g)!.join(':') : undefined;
}

/** Without control characters, as the schema wants descriptions. */
export function plainText(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, ' ')
    .trim()
    .slice(0, 4096);
}

/** Leaves out what is undefined or an empty list. */
function withoutGaps(draft: Draft): MachineConfig {
  const entries = Object.entries(draft).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(entries) as MachineConfig;
}
