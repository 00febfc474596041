import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { messageOf } from '../base/errors.js';
import { checkConfig } from './check.js';
import type { DiskConfig, MachineConfig } from './config.js';
import type { MachineEntry } from './entry.js';
import { EMPTY_LEDGER, LEDGER_FILE, type Ledger, parseLedger } from './ledger.js';
import { MAX_YAML_BYTES, type ParsedConfig, parseConfig, problemLine } from './yaml.js';

export const DEFINITION_FILE = 'machine.yaml';

/** More than any tree of snapshots takes. */
const MAX_LEDGER_BYTES = 16 << 20;

/** What lies in a machine's folder. */
export interface OnDisk {
  readonly entry: MachineEntry;
  /** Undefined where it cannot be read: then nobody knows which of the machine's files count. */
  readonly ledger: Ledger | undefined;
  /** The host could not read it just now, for want of open files, say: that may pass with no change to the files. */
  readonly mayPass: boolean;
}

/**
 * For a machine's own process. What is wrong with it is the entry's `problem`.
 * @param isChecked somebody has just found its definition to be one
 */
export async function readEntry(folder: string, isChecked = false): Promise<MachineEntry> {
  return readOnDisk(resolve(folder), isChecked ? () => [] : checkConfig).entry;
}

export function readOnDisk(folder: string, check = checkConfig): OnDisk {
  const { ledger, problem, mayPass: ledgerMayPass = false } = readLedger(folder);
  const definition = ledger?.definition ?? null;
  const { parsed, mayPass } =
    definition === null ? readDefinition(folder, check) : { parsed: parseConfig(definition, check), mayPass: false };
  const { config } = parsed;
  return {
    ledger,
    mayPass: mayPass || ledgerMayPass,
    entry: {
      name: basename(folder),
      folder,
      config: problem === undefined ? config : undefined,
      problem: problem ?? (parsed.problems && problemLine(DEFINITION_FILE, parsed.problems[0]!)),
      stored: {
        disks: config === undefined ? [] : headsOf(folder, config, ledger ?? EMPTY_LEDGER),
        snapshot: ledger?.snapshot ?? null,
        saved: ledger === undefined ? null : savedState(ledger),
      },
    },
  };
}

/** What the machine goes on from at its next start: files come and go with no change to the record. */
export function savedState({ saved, saving }: Ledger): string | null {
  return [saving, saved].find((file) => file !== null && existsSync(file)) ?? null;
}

/** What a definition's disks are at present, in its order. */
export function headsOf(folder: string, config: MachineConfig, ledger: Ledger): (string | undefined)[] {
  return (config.disks ?? []).map((disk) => {
    const own = ownFile(folder, disk);
    return own === undefined ? undefined : (ledger.heads[own] ?? own);
  });
}

/** The image that the definition names; undefined for one that is no file. */
export function ownFile(folder: string, disk: DiskConfig): string | undefined {
  return disk.file === undefined ? undefined : resolve(folder, disk.file);
}

/** Changes when the machine's definition or record does. */
export function versionOf(folder: string): string {
  return [DEFINITION_FILE, LEDGER_FILE]
    .map((name) => {
      const stats = statSync(join(folder, name), { throwIfNoEntry: false });
      return stats === undefined ? '-' : `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`;
    })
    .join(', ');
}

function readLedger(folder: string): { ledger: Ledger | undefined; problem?: string; mayPass?: boolean } {
  try {
    return { ledger: parseLedger(folder, readText(join(folder, LEDGER_FILE), MAX_LEDGER_BYTES)) };
  } catch (error) {
    // A folder that somebody made by hand has none.
    if (isMissing(error)) return { ledger: EMPTY_LEDGER };
    return { ledger: undefined, problem: `${LEDGER_FILE}: ${messageOf(error)}`, mayPass: isOfHost(error) };
  }
}

function readDefinition(folder: string, check: typeof checkConfig): { parsed: ParsedConfig; mayPass: boolean } {
  try {
    return { parsed: parseConfig(readText(join(folder, DEFINITION_FILE), MAX_YAML_BYTES), check), mayPass: false };
  } catch (error) {
    const message = isMissing(error) ? 'there is no such file' : messageOf(error);
    return { parsed: { problems: [{ line: 1, field: '', message }] }, mayPass: isOfHost(error) };
  }
}

function readText(path: string, maxBytes: number): string {
  const { size } = statSync(path);
  if (size > maxBytes) throw new Error(`is longer than ${maxBytes >> 10} KiB`);
  return readFileSync(path, 'utf8');
}

/** Rather than of what the file says. */
function isOfHost(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code !== undefined && !isMissing(error);
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
