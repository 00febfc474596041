import { extname, resolve } from 'node:path';
import { UserError } from '../../../src/base/errors.js';
import type { DiskBus, DiskConfig, MachineConfig } from '../../../src/catalog/config.js';
import { isQcow2 } from './medium.js';
import { EMPTY_BOOT, hasMedia } from './modify.js';
import { flags, needOption, number, oneOf, optionOf, type Words } from './words.js';

type Bus = DiskBus | 'floppy';
const USUAL: Bus = 'sata';
const BUSES: readonly (readonly [RegExp, Bus])[] = [
  [/virtio/i, 'virtio'],
  [/nvme|pcie/i, 'nvme'],
  [/floppy|i82078/i, 'floppy'],
  [/sata|ahci/i, 'sata'],
  [/scsi|sas|lsi|buslogic/i, 'scsi'],
  [/ide|piix|ich6/i, 'ide'],
];
/** IDE has two devices a channel, all others one a port. */
const DEVICES: Partial<Record<Bus, number>> = { ide: 2, floppy: 2 };

/** Controllers are not kept here: what a disk is attached to is told by what people call it. */
export function busOf(controller: string): Bus | undefined {
  return BUSES.find(([pattern]) => pattern.test(controller))?.[1];
}

export const storageArity = flags('remove', 'forceunmount', 'intnet');

/** Throws UserError (usage) for a controller that would not be found again. */
export function checkController(words: Words): void {
  const name = needOption(words, 'storagectl', 'name');
  const added = optionOf(words, 'add');
  if (added === undefined) return;
  const bus = busOf(added);
  if (bus === undefined) throw new UserError(`storagectl --add ${added}: there is no such controller here`, 2);
  if (bus !== (busOf(name) ?? USUAL)) {
    throw new UserError(`storagectl: call it ${added}, since only a controller's name tells here what it is`, 2);
  }
}

type Drive = 'hdd' | 'dvddrive' | 'fdd';

/** `config` with a medium in a slot, or without. Throws UserError (usage). */
export function attached(config: MachineConfig, words: Words): MachineConfig {
  const controller = needOption(words, 'storageattach', 'storagectl');
  const bus = busOf(controller) ?? USUAL;
  const medium = needOption(words, 'storageattach', 'medium');
  const port = number('port', optionOf(words, 'port') ?? '0');
  const slot = port * (DEVICES[bus] ?? 1) + number('device', optionOf(words, 'device') ?? '0');
  const disks = [...(config.disks ?? [])];
  const index = disks.flatMap((disk, i) => ((disk.bus ?? USUAL) === bus ? [i] : []))[slot];
  const drive = driveOf(optionOf(words, 'type'), medium, bus, index !== undefined);
  const isEmpty = medium === 'none' || medium === 'emptydrive';
  if (!isEmpty) checkMedium(medium);
  if (drive !== 'hdd') {
    const { [drive === 'fdd' ? 'floppy' : 'cdrom']: _, ...rest } = config;
    return settled(isEmpty ? rest : { ...rest, [drive === 'fdd' ? 'floppy' : 'cdrom']: resolve(medium) });
  }
  const disk: DiskConfig = {
    ...(medium === 'iscsi' ? { iscsi: lunOf(words) } : fileOf(resolve(medium))),
    ...(bus === USUAL || bus === 'floppy' ? {} : { bus }),
    ...accessOf(optionOf(words, 'mtype')),
  };
  if (index === undefined) disks.push(...(isEmpty ? [] : [disk]));
  else disks.splice(index, 1, ...(isEmpty ? [] : [disk]));
  return settled({ ...config, disks });
}

/** A file may be another than it is called: what `createmedium` makes as a VDI, for one. */
function fileOf(file: string): Pick<DiskConfig, 'file' | 'format'> {
  return isQcow2(file) && extname(file).toLowerCase() !== '.qcow2' ? { file, format: 'qcow2' } : { file };
}

/** Network was in the order only as long as there was nothing else; and the other way round. */
function settled({ boot, disks, ...rest }: MachineConfig): MachineConfig {
  const config = disks === undefined || disks.length === 0 ? rest : { ...rest, disks };
  if (!hasMedia(config)) return { ...config, boot: boot?.includes('network') ? boot : EMPTY_BOOT };
  return boot === undefined || boot.join() === EMPTY_BOOT.join() ? config : { ...config, boot };
}

function driveOf(type: string | undefined, medium: string, bus: Bus, isDisk: boolean): Drive {
  if (type !== undefined) return oneOf('type', type, { hdd: 'hdd', dvddrive: 'dvddrive', fdd: 'fdd' } as const);
  if (bus === 'floppy') return 'fdd';
  if (medium === 'none') return isDisk ? 'hdd' : 'dvddrive';
  return medium === 'emptydrive' || /\.(iso|cdr|dmg|viso)$/i.test(medium) ? 'dvddrive' : 'hdd';
}

function checkMedium(medium: string): void {
  if (medium === 'additions') throw new UserError('there are no guest additions here: guests need none', 2);
  if (medium.startsWith('host:'))
    throw new UserError(`${medium}: drives of the host are not passed on; name an image`, 2);
}

function accessOf(mtype: string | undefined): Pick<DiskConfig, 'readOnly'> {
  if (mtype === undefined) return {};
  return oneOf('mtype', mtype, { normal: {}, writethrough: {}, readonly: { readOnly: true } });
}

function lunOf(words: Words): string {
  const server = needOption(words, 'storageattach --medium iscsi', 'server');
  const target = needOption(words, 'storageattach --medium iscsi', 'target');
  const [user, password, port] = ['username', 'password', 'tport'].map((name) => optionOf(words, name));
  const login = user === undefined ? '' : `${user}${password === undefined ? '' : `%${password}`}@`;
  return `iscsi://${login}${server}${port === undefined ? '' : `:${port}`}/${target}/${optionOf(words, 'lun') ?? '0'}`;
}
