import { Problem } from '../../src/base/errors.js';
import { Emitter } from '../../src/base/events.js';
import { includesRole, type Role } from '../../src/catalog/config.js';
import type { MachineEntry } from '../../src/catalog/entry.js';
import type { AuditView } from '../api/views.js';
import type { Identity } from '../auth/credentials.js';
import type { Awake, Directory, ReachableMachine, ReturnEvent, SessionOrder } from '../broker/directory.js';
import type { ControlOperations } from '../ipc/control.js';
import type { ManagedMachine } from './managed-machine.js';
import { isPool } from './pool.js';
import { roleOf, type Subject, sameName } from './roles.js';
import type { Service } from './service.js';
import type { Thumbnails } from './thumbnails.js';
import type { Visits } from './visits.js';

export interface DirectoryParts {
  readonly service: Service;
  readonly thumbnails: Thumbnails;
  readonly visits: Visits;
  /** Groups and rank of whoever has logged in; undefined for a user who is gone or disabled meanwhile. */
  readonly subjectOf: (identity: Identity) => Subject | undefined;
  /** Somebody's groups, rank or existence has changed. */
  readonly onUser: Pick<Emitter<unknown>, 'on'>;
  readonly audit: (entry: Omit<AuditView, 'at'>) => void;
}

/** The service as the broker sees it. */
export class ServiceDirectory implements Directory {
  readonly onChange = new Emitter<void>();
  readonly onReturn = new Emitter<ReturnEvent>();
  readonly onAccess = new Emitter<void>();
  readonly #parts: DirectoryParts;
  readonly #watched = new WeakSet<ManagedMachine>();

  constructor(parts: DirectoryParts) {
    this.#parts = parts;
    for (const machine of parts.service.machines) this.#watch(machine);
    parts.onUser.on(() => this.#reconsider());
    parts.service.catalog.onChange.on(() => this.#reconsider());
    parts.service.onMachine.on(({ type, machine }) => {
      if (type === 'gone') parts.visits.forget(machine);
      else this.#watch(parts.service.machine(machine));
      this.onChange.emit();
    });
  }

  isGood(identity: Identity): boolean {
    return this.#parts.subjectOf(identity) !== undefined;
  }

  roleAt(identity: Identity, machine: string): Role | null | undefined {
    const { service, subjectOf } = this.#parts;
    const subject = subjectOf(identity);
    const entry = service.machines.find(({ name }) => sameName(name, machine))?.entry;
    if (subject === undefined || entry === undefined) return undefined;
    if (entry.config === undefined) return null;
    return this.#isDestination(entry, subject, identity) ? roleOf(subject, entry.name, entry.config) : undefined;
  }

  async tell(machine: string, session: string, { op, ...params }: SessionOrder): Promise<unknown> {
    const { process } = this.#parts.service.machine(machine);
    return process.request(op, { session, ...params } as ControlOperations[typeof op]['params']);
  }

  reachable(identity: Identity): readonly ReachableMachine[] {
    const { service, subjectOf } = this.#parts;
    const subject = subjectOf(identity);
    if (subject === undefined) return [];
    return service.machines
      .filter((machine) => this.#isDestination(machine.entry, subject, identity))
      .map((machine) => this.#asReachable(machine, subject))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async wake(name: string, identity: Identity): Promise<Awake> {
    const { service, subjectOf } = this.#parts;
    const subject = subjectOf(identity);
    let machine = service.machine(name);
    if (subject === undefined || !this.#isDestination(machine.entry, subject, identity)) {
      throw new Problem('no-such-machine', `there is no machine ${name}`);
    }
    if (isPool(machine.entry)) {
      const { name: own } = await service.pools.take(machine.entry, subject.user);
      machine = service.machine(own);
    }
    const mayUse =
      identity.rights !== 'view' && includesRole(roleOf(subject, machine.name, machine.entry.config), 'use');
    if (!mayUse && ['off', 'saved', 'crashed'].includes(machine.state)) {
      throw new Problem('wrong-state', `${machine.name} is ${machine.state}, and you may only watch it`);
    }
    await machine.wake();
    return { machine: machine.name, socket: machine.process.socket };
  }

  remember(user: string, machine: string): void {
    this.#parts.visits.add(user, machine);
  }

  audit(entry: Omit<AuditView, 'at'>): void {
    this.#parts.audit(entry);
  }

  /** Whether somebody can go to this machine's screen, or to one that is made of it. */
  #isDestination(entry: MachineEntry, subject: Subject, identity: Identity): boolean {
    const { config, name } = entry;
    const role = roleOf(subject, name, config);
    if (config === undefined || role === undefined || config.console?.access === 'off') return false;
    if (config.template !== true) return true;
    return (
      isPool(entry) &&
      includesRole(role, 'use') &&
      this.#parts.service.pools.machineOf(name, identity.user) === undefined
    );
  }

  #asReachable(machine: ManagedMachine, subject: Subject): ReachableMachine {
    const { thumbnails, visits } = this.#parts;
    const { entry, name } = machine;
    return {
      name,
      role: roleOf(subject, name, entry.config) ?? 'view',
      state: isPool(entry) ? 'off' : machine.state,
      reason: machine.reason ?? null,
      description: entry.config?.description ?? '',
      present: machine.process.sessions.map(({ user }) => user),
      lastUsedAt: visits.last(subject.user, name),
      screen: thumbnails.version(machine),
      thumbnail: () => thumbnails.picture(machine),
    };
  }

  #reconsider(): void {
    this.onAccess.emit();
    this.onChange.emit();
  }

  #watch(machine: ManagedMachine): void {
    if (this.#watched.has(machine)) return;
    this.#watched.add(machine);
    machine.process.onEvent.on((event) => {
      if (event.event === 'return') this.onReturn.emit(event);
    });
  }
}
