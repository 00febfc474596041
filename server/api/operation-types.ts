import type { MachineConfig, Role } from '../../src/catalog/config.js';
import type { OperationName } from './operations.js';
import type {
  AuditView,
  ConsoleView,
  HostView,
  MachineDetails,
  MachineView,
  SessionView,
  SnapshotView,
  TicketView,
  UserView,
} from './views.js';

type Op<P, R> = { readonly params: P; readonly result: R };
type None = Readonly<Record<never, never>>;
type OnMachine = { readonly machine: string };
type Rights = 'view' | 'control';

export type AccessView = Readonly<Record<string, Role>>;
export interface ImportView {
  /** Null for a dry run. */
  readonly machine: MachineView | null;
  readonly name: string;
  readonly config: MachineConfig;
  /** Line by line, what could not be carried over. */
  readonly notCarriedOver: readonly string[];
}
/** `password` only where it was made by the service; it is not shown again. */
export type NewUserView = UserView & { readonly password: string | null };
/** `secret` is not shown again. `browser` and `vnc` are links that hold it. */
export type NewTicketView = TicketView & {
  readonly secret: string;
  readonly browser: string | null;
  readonly vnc: string | null;
};
/** `machine` is the one that a ticket is for; whoever is in by one administrates nothing. */
export type CallerView = UserView & { readonly machine: string | null };
export interface LoginView {
  readonly user: string;
  readonly admin: boolean;
  /** Only when asked for. */
  readonly token: string | null;
  readonly expiresAt: string;
  /** The machine that a ticket is for. */
  readonly machine: string | null;
}

/** Parameters and result of each operation. */
export interface OperationTypes extends Record<OperationName, Op<object, unknown>> {
  'machine.list': Op<None, readonly MachineView[]>;
  'machine.show': Op<OnMachine, MachineDetails>;
  'machine.create': Op<{ readonly name: string; readonly config: MachineConfig; readonly owner?: string }, MachineView>;
  'machine.import': Op<{ readonly file: string; readonly name?: string; readonly dryRun?: boolean }, ImportView>;
  'machine.export': Op<OnMachine, string>;
  'machine.update': Op<OnMachine & { readonly config: MachineConfig }, MachineView>;
  'machine.clone': Op<
    OnMachine & { readonly name: string; readonly linked?: boolean; readonly snapshot?: string },
    MachineView
  >;
  'machine.delete': Op<OnMachine, None>;
  'machine.start': Op<OnMachine, MachineView>;
  'machine.pause': Op<OnMachine, MachineView>;
  'machine.resume': Op<OnMachine, MachineView>;
  'machine.reset': Op<OnMachine, MachineView>;
  'machine.shutdown': Op<OnMachine, MachineView>;
  'machine.stop': Op<OnMachine, MachineView>;
  'machine.save': Op<OnMachine, MachineView>;
  'machine.discard': Op<OnMachine, MachineView>;
  'machine.balloon': Op<OnMachine & { readonly memoryMiB: number }, MachineView>;
  'machine.log': Op<OnMachine & { readonly lines?: number }, string>;
  'machine.rollback': Op<OnMachine, MachineView>;
  'snapshot.list': Op<OnMachine, readonly SnapshotView[]>;
  'snapshot.take': Op<OnMachine & { readonly name: string; readonly description?: string }, SnapshotView>;
  'snapshot.restore': Op<OnMachine & { readonly snapshot: string }, MachineView>;
  'snapshot.delete': Op<OnMachine & { readonly snapshot: string }, None>;
  'console.open': Op<
    OnMachine & { readonly rights?: Rights; readonly user?: string; readonly seconds?: number },
    ConsoleView
  >;
  'console.screenshot': Op<OnMachine & { readonly maxWidth?: number; readonly version?: number }, Uint8Array>;
  'console.type': Op<OnMachine & { readonly text: string }, { readonly untyped: number }>;
  'console.keys': Op<OnMachine & { readonly keys?: string; readonly scancodes?: readonly number[] }, None>;
  'console.pointer': Op<
    OnMachine & {
      readonly x: number;
      readonly y: number;
      readonly buttons?: number;
      readonly click?: boolean;
      readonly wheel?: number;
    },
    None
  >;
  'console.clipboard': Op<OnMachine & { readonly text: string }, None>;
  'console.resize': Op<OnMachine & { readonly width: number; readonly height: number }, { readonly asked: boolean }>;
  'session.list': Op<{ readonly machine?: string }, readonly SessionView[]>;
  'session.kick': Op<{ readonly session: string; readonly message?: string }, None>;
  'session.rights': Op<{ readonly session: string; readonly rights: Rights }, SessionView>;
  'access.list': Op<OnMachine, AccessView>;
  'access.grant': Op<OnMachine & { readonly subject: string; readonly role: Role }, AccessView>;
  'access.revoke': Op<OnMachine & { readonly subject: string }, AccessView>;
  'user.list': Op<None, readonly UserView[]>;
  'user.create': Op<
    {
      readonly name: string;
      readonly password?: string;
      readonly groups?: readonly string[];
      readonly admin?: boolean;
    },
    NewUserView
  >;
  'user.update': Op<
    {
      readonly user: string;
      readonly groups?: readonly string[];
      readonly admin?: boolean;
      readonly disabled?: boolean;
    },
    UserView
  >;
  'user.password': Op<{ readonly user: string; readonly current?: string; readonly password: string }, None>;
  'user.delete': Op<{ readonly user: string }, None>;
  'ticket.create': Op<
    {
      readonly machine: string;
      readonly rights?: Rights;
      readonly user?: string;
      readonly seconds?: number;
      readonly uses?: number;
    },
    NewTicketView
  >;
  'ticket.list': Op<None, readonly TicketView[]>;
  'ticket.delete': Op<{ readonly ticket: string }, None>;
  'auth.login': Op<
    { readonly user?: string; readonly password?: string; readonly ticket?: string; readonly token?: boolean },
    LoginView
  >;
  'auth.logout': Op<None, None>;
  'auth.whoami': Op<None, CallerView>;
  'host.show': Op<None, HostView>;
  'host.audit': Op<
    { readonly machine?: string; readonly user?: string; readonly limit?: number },
    readonly AuditView[]
  >;
  'host.events': Op<None, never>;
}

/** `remote` of whoever has opened the service's private socket: they may have no account, and are administrators. */
export const LOCAL = 'local';

/** Who calls an operation, proven. */
export interface Caller {
  readonly user: string;
  /**
   * May do everything: an administrator, or whoever can open the service's private socket. With `machine` it is the
   * one who gave the ticket away who may; such a caller never gets to an operation for users or administrators.
   */
  readonly admin: boolean;
  readonly groups: readonly string[];
  readonly remote: string;
  /** A ticket's login: for this machine alone. */
  readonly machine?: string;
  readonly rights?: Rights;
  /** Of somebody without an account: who answers for them. */
  readonly grantedBy?: string | null;
}

/**
 * What carries the operations out. The caller's role has been checked against the table before; where the table says
 * 'user', the handler checks the rest. Rejects with Problem.
 */
export type Operations = {
  readonly [N in Exclude<OperationName, 'auth.login' | 'auth.logout' | 'host.events'>]: (
    caller: Caller,
    params: OperationTypes[N]['params'],
  ) => Promise<OperationTypes[N]['result']>;
};
