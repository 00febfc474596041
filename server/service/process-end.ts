import { rmSync } from 'node:fs';
import type { Clock } from '../../src/base/clock.js';
import { Problem } from '../../src/base/errors.js';
import { type ControlConnection, connectControl } from '../ipc/control-client.js';
import { gone, kill } from './spawn.js';

/** A process that was told to end gets this long before it is killed. */
export const END_MS = 10_000;

export interface Ending {
  readonly control: ControlConnection;
  readonly pid: number | undefined;
  readonly socket: string;
  readonly clock: Clock;
}

/** Resolves when nothing is left of a process that is about to end; it is killed if it takes too long. */
export async function whenGone({ control, pid, socket, clock }: Ending): Promise<void> {
  const closed = control.isClosed ? Promise.resolve() : control.onClose.next();
  const cancel = clock.after(END_MS, () => {
    if (pid !== undefined) kill(pid);
    control.close();
  });
  await closed;
  // It closes its connections before it removes its socket, which the next one needs.
  if (pid !== undefined) await gone(pid);
  cancel();
  await forgetSocket(socket);
}

/**
 * Resolves when a process that has let go of us is gone: until then its socket takes connections that nobody answers, it
 * may remove that of the next one, and its disks are in use. Rejects with Problem 'failed' where it does not end.
 */
export async function whenLeft(pid: number, clock: Clock): Promise<void> {
  const endMs = clock.now() + END_MS;
  const isGone = await gone(pid, () => clock.now() > endMs);
  if (!isGone) throw new Problem('failed', `its last process (${pid}) has not ended`);
}

/** Of a process that we have ended: what is left of one that was killed would mean that somebody else did. */
export async function forgetSocket(socket: string): Promise<void> {
  const somebody = await connectControl(socket).catch(() => undefined);
  if (somebody === undefined) rmSync(socket, { force: true });
  else somebody.close();
}
