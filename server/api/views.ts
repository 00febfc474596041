import type { MachineConfig, Role } from '../../src/catalog/config.js';

/** What the API tells of things. Times are ISO 8601, sizes are bytes unless the name says otherwise. */

/**
 * - 'off': defined, not running
 * - 'saved': off, with a state to go on from
 * - 'starting' / 'running' / 'paused' / 'saving' / 'stopping': as it says
 * - 'crashed': its guest or process died, and policy has not brought it back
 * - 'template': is never started
 * - 'invalid': its definition cannot be read; `problem` says why
 */
export type MachineState =
  | 'off'
  | 'saved'
  | 'starting'
  | 'running'
  | 'paused'
  | 'saving'
  | 'stopping'
  | 'crashed'
  | 'template'
  | 'invalid';

export interface MachineView {
  readonly name: string;
  readonly state: MachineState;
  /** Why it is in this state, where there is something to say. */
  readonly reason: string | null;
  readonly problem: string | null;
  readonly description: string;
  /** The engine that runs it, or that would. */
  readonly engine: string;
  readonly accel: string | null;
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly width: number | null;
  readonly height: number | null;
  readonly pid: number | null;
  readonly startedAt: string | null;
  readonly restarts: number;
  /** What its processes take of the host at present, and have taken of its processors since they began. */
  readonly residentBytes: number | null;
  readonly cpuMs: number | null;
  readonly sessions: number;
  /** The snapshot that its disks grow from. */
  readonly snapshot: string | null;
  readonly template: boolean;
  /** On a template that whoever opens its console gets a machine of. */
  readonly pool: 'per-user' | 'ephemeral' | null;
  readonly origin: { readonly template: string; readonly user: string | null } | null;
  /** What the caller may do with it. */
  readonly role: Role;
}

export interface MachineDetails extends MachineView {
  readonly config: MachineConfig;
  readonly folder: string;
  /** Where clients connect to this machine alone, besides the host's addresses; null where it has no such port. */
  readonly ports: { readonly rdp: string | null; readonly vnc: string | null };
  readonly snapshots: readonly SnapshotView[];
  /** Size on the host's disk. */
  readonly diskBytes: number;
}

export interface SnapshotView {
  readonly id: string;
  readonly name: string;
  readonly parent: string | null;
  readonly takenAt: string;
  readonly description: string;
  /** It was taken while running, and goes on running where it is restored. */
  readonly running: boolean;
  /** The machine's disks grow from this one. */
  readonly current: boolean;
}

export interface SessionView {
  readonly id: string;
  /** Null while they are at the picker. */
  readonly machine: string | null;
  readonly user: string;
  readonly remote: string;
  readonly via: 'rdp' | 'rfb' | 'websocket';
  readonly rights: 'view' | 'control';
  readonly since: string;
  readonly sentBytes: number;
  readonly updates: number;
  readonly rttMs: number | null;
}

export interface UserView {
  readonly name: string;
  readonly groups: readonly string[];
  /** May do everything with everything. */
  readonly admin: boolean;
  readonly disabled: boolean;
  readonly createdAt: string;
}

export interface TicketView {
  readonly id: string;
  readonly machine: string;
  readonly user: string;
  readonly rights: 'view' | 'control';
  readonly expiresAt: string;
  readonly usesLeft: number;
}

export interface HostView {
  readonly version: string;
  readonly pid: number;
  readonly startedAt: string;
  /** Where clients connect; null is off. */
  readonly rdp: string | null;
  readonly vnc: string | null;
  readonly http: string | null;
  readonly memory: {
    readonly totalMiB: number;
    readonly availableMiB: number;
    readonly promisedMiB: number;
    readonly allowedMiB: number;
  };
  readonly cpus: number;
  readonly load: number;
  /** Kernel same-page merging, where the host has it. */
  readonly ksm: { readonly running: boolean; readonly sharedMiB: number } | null;
  readonly machines: number;
  readonly running: number;
  readonly sessions: number;
}

/** How to get to a machine's screen: for people and for programs. */
export interface ConsoleView {
  readonly machine: string;
  readonly user: string;
  /** One-time; also good as a password. */
  readonly ticket: string;
  readonly expiresAt: string;
  readonly browser: string | null;
  readonly vnc: string | null;
  readonly rdp: { readonly address: string; readonly user: string; readonly file: string } | null;
}

/** Server-sent events under /api/v1/events; `event:` is the type. */
export type ServiceEvent =
  | { readonly type: 'machine'; readonly machine: MachineView }
  | { readonly type: 'machine-gone'; readonly name: string }
  | { readonly type: 'sessions'; readonly machine: string; readonly sessions: readonly SessionView[] }
  /** The thumbnail has changed; `version` goes into its address. */
  | { readonly type: 'screen'; readonly machine: string; readonly version: number }
  /** Everything has been told as it is now; from here on what changes. What was not told of is not there. */
  | { readonly type: 'ready' };

/** One line of the audit log. */
export interface AuditView {
  readonly at: string;
  readonly action: string;
  readonly user: string | null;
  readonly remote: string | null;
  readonly machine: string | null;
  readonly ok: boolean;
  readonly detail: string;
}
