import type { Identity } from '../auth/credentials.js';
import type { RouteHints } from '../session/reception.js';
import type { ReachableMachine } from './directory.js';

/** Where somebody goes: to a machine's screen, to the picker, nowhere (there is nothing for them), or away. */
export type Route<M> =
  | { readonly to: 'machine'; readonly machine: M }
  | { readonly to: 'picker' }
  | { readonly to: 'nowhere' }
  | { readonly to: 'refused'; readonly reason: string };

/** As much of a machine as decides about the way. */
export type Destination = Pick<ReachableMachine, 'name' | 'lastUsedAt'>;

export interface RouteRequest<M extends Destination> {
  readonly identity: Identity;
  readonly hints: RouteHints;
  /** All that they may reach; nothing else is ever the answer. */
  readonly machines: readonly M[];
  /** The machine whose own port or address they came to. */
  readonly preset?: string | undefined;
  /** Where several machines are left and nothing says which. */
  readonly otherwise: 'picker' | 'last';
}

/**
 * Decides by what is surest: the ticket, then what somebody has written on purpose, then what clients send by
 * themselves, then the port. On purpose means refused if it is not theirs, and a machine that is not theirs is one
 * that does not exist; what clients send by themselves is mostly no machine at all, and then says nothing.
 */
export function route<M extends Destination>(request: RouteRequest<M>): Route<M> {
  const { identity, hints, machines, preset } = request;
  const byName = new Map(machines.map((machine) => [machine.name.toLowerCase(), machine]));
  for (const { name, binding } of wishes(identity, hints, preset)) {
    const machine = byName.get(name.toLowerCase());
    if (machine !== undefined) return { to: 'machine', machine };
    if (binding) return { to: 'refused', reason: `there is no machine "${shown(name)}" for you here` };
  }
  const [first, ...others] = machines;
  if (first === undefined) return { to: 'nowhere' };
  if (others.length === 0) return { to: 'machine', machine: first };
  const last = request.otherwise === 'last' ? lastUsed(machines) : undefined;
  return last === undefined ? { to: 'picker' } : { to: 'machine', machine: last };
}

interface Wish {
  readonly name: string;
  /** It is this machine or none. */
  readonly binding: boolean;
}

function* wishes(identity: Identity, hints: RouteHints, preset: string | undefined): Generator<Wish> {
  const { preconnection, repeaterId, named, serverName, routing, domain } = hints;
  if (identity.machine !== undefined) {
    yield { name: identity.machine, binding: true };
    return;
  }
  for (const name of [preconnection === undefined ? undefined : machineOfBlob(preconnection), repeaterId, named]) {
    if (name !== undefined && name !== '') yield { name, binding: true };
  }
  const routed = routing === undefined ? undefined : machineOfRouting(routing);
  if (routed !== undefined) yield routed;
  for (const name of [...namesOfHost(serverName ?? ''), domain]) {
    if (name !== undefined && name !== '') yield { name, binding: false };
  }
  if (preset !== undefined) yield { name: preset, binding: true };
}

/** The preconnection text; Hyper-V's clients add options behind a semicolon. */
function machineOfBlob(text: string): string {
  return text.split(';', 1)[0]!.trim();
}

/**
 * The machine of an RDP routing line: of a collection's token (`tsv://MS Terminal Services Plugin.1.VM` as Windows
 * writes it, or `tsv://VM`), of a load balancer's cookie (`Cookie: msts=VM`), or of `Cookie: mstshash=`, which is the
 * user's name, cut short, in nearly all clients.
 */
function machineOfRouting(line: string): Wish | undefined {
  const token = /^tsv:\/\/(?:MS Terminal Services Plugin\.1\.)?(.+)$/i.exec(line.trim())?.[1];
  if (token !== undefined) return { name: token, binding: true };
  const cookie = /^Cookie:\s*(msts|mstshash)=(.+)$/i.exec(line.trim());
  // A number is another broker's: an address and a port.
  if (cookie === null || /^\d+\.\d+\.\d+$/.test(cookie[2]!)) return undefined;
  return { name: cookie[2]!, binding: cookie[1]!.toLowerCase() === 'msts' };
}

/** `vm.host.example` names vm, unless a machine has that whole name. */
function namesOfHost(serverName: string): string[] {
  const first = serverName.split('.', 1)[0]!;
  return first === serverName ? [serverName] : [serverName, first];
}

function lastUsed<M extends Destination>(machines: readonly M[]): M | undefined {
  const used = machines.filter((machine) => machine.lastUsedAt !== null);
  // ISO 8601 sorts as text.
  return used.sort((a, b) => (a.lastUsedAt! < b.lastUsedAt! ? 1 : -1))[0];
}

/** What a stranger has sent, as part of a sentence. */
function shown(name: string): string {
  return name.replace(/[^\x20-\x7e]/g, '?').slice(0, 63);
}
