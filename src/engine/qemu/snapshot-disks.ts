import { messageOf, Problem } from '../../base/errors.js';
import type { Disk } from '../../machine/hardware.js';
import { diskId } from './media-arguments.js';
import { type QmpClient, QmpRefusal } from './qmp-client.js';

/** Steps of QEMU's that move disks to overlays; it takes all of them or none. */
export type Switch = readonly object[];

/** What moving the disks of a machine takes. Throws Problem where it cannot be. */
export function planSwitch(disks: readonly Disk[], overlays: readonly string[]): Switch {
  const written = disks.flatMap((disk, i) => (disk.readOnly ? [] : [{ disk, id: diskId(i) }]));
  if (written.some(({ disk }) => !('path' in disk))) {
    throw new Problem('not-supported', 'a disk over iSCSI cannot be part of a snapshot; its server can take one');
  }
  if (written.length !== overlays.length) {
    throw new Problem('failed', `${overlays.length} overlays for ${written.length} disks`);
  }
  return written.map(({ id }, i) => ({
    type: 'blockdev-snapshot-sync',
    data: { device: id, 'snapshot-file': overlays[i], format: 'qcow2', mode: 'existing' },
  }));
}

/** Has a guest that stands still write to overlays from now on. Rejects with Problem; nothing has changed then. */
export async function switchDisks(qmp: QmpClient, actions: Switch): Promise<void> {
  if (actions.length === 0) return;
  await activate(qmp);
  await qmp.execute('transaction', { actions }).catch((error) => {
    throw new Problem('failed', `the disks were not moved to their overlays: ${messageOf(error)}`);
  });
}

/** Having written its state, QEMU lets go of its disks until it goes on; from version 10 on it wants to be told otherwise. */
async function activate(qmp: QmpClient): Promise<void> {
  await qmp.execute('blockdev-set-active', { active: true }).catch((error) => {
    if (!(error instanceof QmpRefusal) || error.errorClass !== 'CommandNotFound') throw error;
  });
}
