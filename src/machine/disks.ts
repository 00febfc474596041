import { Problem, UserError } from '../base/errors.js';
import { checkImage } from './files.js';
import type { Disk, DiskBus, DiskOptions, IscsiTarget } from './hardware.js';

/** Where the CD-ROM drive counts too: AHCI has six ports, IDE two channels of two. Others are bounds of good sense. */
const ROOM: Readonly<Record<DiskBus, number>> = { sata: 6, ide: 4, scsi: 7, virtio: 16, nvme: 16 };
const ISCSI_PORT = 3260;

/**
 * Checks the disks of a machine.
 * @param ownBus the controller of the board, for disks that name none
 * @param hasCdrom its drive hangs on that one too
 */
export async function checkDisks(
  disks: readonly (string | DiskOptions)[],
  ownBus: DiskBus,
  hasCdrom: boolean,
): Promise<Disk[]> {
  const options = disks.map((disk) => (typeof disk === 'string' ? { file: disk } : disk));
  for (const bus of Object.keys(ROOM) as DiskBus[]) {
    const count = options.filter((disk) => (disk.bus ?? ownBus) === bus).length;
    const room = ROOM[bus] - (bus === ownBus && hasCdrom ? 1 : 0);
    if (count > room) {
      throw new UserError(`${count} disks on ${bus} given, at most ${room} fit`, 2);
    }
  }
  return Promise.all(options.map((disk) => checkDisk(disk, ownBus)));
}

async function checkDisk({ file, iscsi, format, bus, readOnly = false }: DiskOptions, ownBus: DiskBus): Promise<Disk> {
  if ((file === undefined) === (iscsi === undefined)) {
    throw new Problem('invalid-definition', 'a disk is either a file or an iSCSI address');
  }
  if (readOnly && ['sata', 'ide'].includes(bus ?? ownBus)) {
    throw new Problem('not-supported', `a disk on ${bus ?? ownBus} cannot be read-only; scsi, virtio and nvme can`);
  }
  if (iscsi !== undefined) return { iscsi: parseIscsi(iscsi), bus, readOnly };
  return { ...(await checkImage(file!, readOnly, format)), bus, readOnly };
}

/** `iscsi://[USER%PASSWORD@]HOST[:PORT]/TARGET/LUN`, as libiscsi has it. Throws Problem. */
export function parseIscsi(url: string): IscsiTarget {
  const parts =
    /^iscsi:\/\/(?:([^%@/]+)%([^@/]+)@)?(\[[0-9a-fA-F:.]+\]|[^\s:@/[\]]+)(?::(\d{1,5}))?\/([^\s/]+)\/(\d{1,5})$/.exec(
      url,
    );
  if (parts === null || Number(parts[4] ?? ISCSI_PORT) > 65_535) {
    // The address is not repeated: there may be a password in it.
    throw new Problem(
      'invalid-definition',
      'an iSCSI disk is written iscsi://[USER%PASSWORD@]HOST[:PORT]/TARGET/LUN, with a number at the end',
    );
  }
  const [, user, password, host, port, target, lun] = parts;
  return { portal: `${host}:${port ?? ISCSI_PORT}`, target: target!, lun: Number(lun), user, password };
}
