import type { MachineConfig } from './config.js';

/** A machine as the catalog keeps it: a folder with `machine.yaml` and what belongs to it. */
export interface MachineEntry {
  readonly name: string;
  readonly folder: string;
  /** Undefined while it cannot be read; `problem` then says why, with line and field. */
  readonly config: MachineConfig | undefined;
  readonly problem: string | undefined;
  readonly stored: StoredState;
}

/** What changes while a machine lives, in `state.json`: its definition stays as somebody wrote it. */
export interface StoredState {
  /**
   * The files that the disks are at present, absolute, in the definition's order: the definition's own, or the overlay
   * that grew on it. Undefined for a disk that is no file (iSCSI).
   */
  readonly disks: readonly (string | undefined)[];
  /** The snapshot that the disks grow from. */
  readonly snapshot: string | null;
  /** An engine's state to go on from at the next start; its file is gone before the guest runs. */
  readonly saved: string | null;
}

export interface Snapshot {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly parent: string | null;
  /** ISO 8601. */
  readonly takenAt: string;
  /** Frozen: nobody writes to these any more. */
  readonly disks: readonly (string | undefined)[];
  /** The engine's state, where it was taken running. */
  readonly stateFile: string | null;
}

/** A snapshot that is being taken: its files have names, and nothing counts yet. */
export interface PendingSnapshot {
  readonly machine: string;
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Where the engine's state is to be written; null when it is taken off. */
  readonly stateFile: string | null;
  /** The new heads, one a disk that is a file; exist already, with the present heads behind them. */
  readonly overlays: readonly string[];
}
