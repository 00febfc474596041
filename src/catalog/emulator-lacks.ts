import type { MachineConfig } from './config.js';

/** What of a definition only QEMU can do, in a word; undefined where the embedded emulator runs it too. */
export function emulatorLacks(config: MachineConfig): string | undefined {
  const { disks = [], nics = [], boot = [], accel = 'auto' } = config;
  if (config.firmware === 'uefi') return 'UEFI';
  if (config.tpm === true) return 'TPM';
  if (accel !== 'auto' && accel !== 'tcg') return `hardware acceleration (${accel})`;
  if ((config.cpus ?? 1) > 1) return 'second processor';
  if (disks.some(({ iscsi }) => iscsi !== undefined)) return 'iSCSI disks';
  if (nics.some(({ type }) => type !== 'none')) return 'network';
  if (boot.includes('network')) return 'network to boot from';
  if ((config.sharedFolders ?? []).length > 0) return 'shared folders';
  if ((config.usb ?? []).length > 0) return 'USB devices';
  if ((config.qemuArgs ?? []).length > 0) return 'arguments of QEMU';
  return undefined;
}
