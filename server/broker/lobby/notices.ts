import type { CloseReason } from '../../session/session.js';
import { Notice } from './notice.js';

/** What can be done about a notice, by the one who shows it. */
export interface NoticeDoors {
  /** To the machine that the notice is about. */
  readonly open: () => void;
  readonly list: () => void;
  readonly logOut: () => void;
}

/** @param fall why it has to be started again, of a machine that was up */
export function startingNotice(machine: string, fall: string, { list }: NoticeDoors): Notice {
  return new Notice({
    title: `starting ${machine}`,
    text: fall,
    busy: true,
    actions: [{ key: 'Esc', label: 'to the list', run: list }],
  });
}

export function failedNotice(machine: string, reason: string, { open, list }: NoticeDoors): Notice {
  return new Notice({
    title: `${machine} is not there`,
    text: reason,
    actions: [
      { key: 'Enter', label: 'try again', run: open },
      { key: 'Esc', label: 'to the list', run: list },
    ],
  });
}

/** Somebody is back from a machine, not by their own wish. */
export function returnedNotice(reason: CloseReason, text: string, machine: string, doors: NoticeDoors): Notice {
  const { title, action } = RETURNED[reason];
  return new Notice({
    title: title(machine),
    text,
    actions: [
      ...(action === undefined ? [] : [{ key: 'Enter', label: action, run: doors.open } as const]),
      { key: 'Esc', label: 'to the list', run: doors.list },
    ],
  });
}

export function nowhereNotice({ logOut }: NoticeDoors): Notice {
  return new Notice({
    title: 'there is no machine for you here yet',
    text: 'Ask the administrator for one. It appears here as soon as you have it.',
    actions: [{ key: 'Esc', label: 'log out', run: logOut }],
  });
}

/** Before anything is known: it is seen where a client is faster than the one who decides. */
export function momentNotice(): Notice {
  return new Notice({ title: 'one moment', text: '', busy: true, actions: [] });
}

const RETURNED: Readonly<
  Record<CloseReason, { readonly title: (machine: string) => string; readonly action?: string }>
> = {
  'taken-over': { title: (machine) => `somebody else has ${machine} now`, action: 'take it back' },
  kicked: { title: (machine) => `you were disconnected from ${machine}` },
  'guest-stopped': { title: (machine) => `${machine} has ended`, action: 'start it' },
  denied: { title: (machine) => `${machine} is taken`, action: 'try again' },
  shutdown: { title: (machine) => `${machine} was stopped`, action: 'start it' },
};
