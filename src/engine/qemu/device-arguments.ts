import { join } from 'node:path';
import type { MachineDefinition } from '../../machine/definition.js';
import type { Forward, NicModel } from '../../machine/hardware.js';
import { bootIndex, bootOrder } from './media-arguments.js';
import { quote } from './quote.js';

export const tpmPath = (folder: string): string => join(folder, 'tpm.sock');
export const sharePath = (folder: string, index: number): string => join(folder, `fs${index}.sock`);

const NIC_DEVICES: Readonly<Record<NicModel, string>> = {
  virtio: 'virtio-net-pci',
  e1000: 'e1000',
  e1000e: 'e1000e',
  rtl8139: 'rtl8139',
  pcnet: 'pcnet',
};
const OWN_NIC: Readonly<Record<'q35' | 'pc', NicModel>> = { q35: 'e1000e', pc: 'rtl8139' };
const HEX = 16;

export function network(machine: MachineDefinition): string[] {
  const order = bootOrder(machine);
  return machine.nics.flatMap(({ type, model, mac, bridge, forwards }, i) => {
    const backend =
      type === 'bridge' ? `bridge,id=nic${i},br=${bridge}` : `user,id=nic${i}${forwards.map(forward).join('')}`;
    // The ROM is for booting from the network; not every packager ships it.
    const index = order('network', i);
    const rom = index === undefined ? ',romfile=' : bootIndex(index);
    const device = NIC_DEVICES[model ?? OWN_NIC[machine.board]];
    const address = mac === undefined ? '' : `,mac=${mac}`;
    return ['-netdev', backend, '-device', `${device},netdev=nic${i}${address}${rom}`];
  });
}

function forward({ protocol, hostAddress, hostPort, guestAddress, guestPort }: Forward): string {
  return `,hostfwd=${protocol}:${hostAddress}:${hostPort}-${guestAddress}:${guestPort}`;
}

/**
 * 9p keeps owners and modes that the guest sets in extended attributes, so that a guest's root never makes a file of the
 * host's root or one that runs as somebody else.
 */
export function sharedFolders({ sharedFolders: folders }: MachineDefinition, folder: string): string[] {
  return folders.flatMap(({ name, path, readOnly, via }, i) => {
    const id = `share${i}`;
    if (via === 'virtiofs') {
      return [
        ...['-chardev', `socket,id=${id},path=${quote(sharePath(folder, i))}`],
        ...['-device', `vhost-user-fs-pci,chardev=${id},tag=${quote(name)}`],
      ];
    }
    const options = `local,id=${id},security_model=mapped-xattr${readOnly ? ',readonly=on' : ''},path=${quote(path)}`;
    return ['-fsdev', options, '-device', `virtio-9p-pci,fsdev=${id},mount_tag=${quote(name)}`];
  });
}

export function usbDevices({ usb }: MachineDefinition): string[] {
  return usb.flatMap(({ vendorId, productId }) => [
    '-device',
    `usb-host,vendorid=0x${vendorId.toString(HEX)},productid=0x${productId.toString(HEX)}`,
  ]);
}

/** A sound card that the guest can play to; the host hears nothing of it. */
export function audio({ audio: has, board }: MachineDefinition): string[] {
  if (!has) return [];
  const backend = ['-audiodev', 'none,id=audio0'];
  if (board === 'pc') return [...backend, '-device', 'AC97,audiodev=audio0'];
  return [...backend, '-device', 'ich9-intel-hda', '-device', 'hda-duplex,audiodev=audio0'];
}

export function tpm({ tpm: has, board }: MachineDefinition, folder: string): string[] {
  if (!has) return [];
  return [
    ...['-chardev', `socket,id=tpm,path=${quote(tpmPath(folder))}`, '-tpmdev', 'emulator,id=tpm0,chardev=tpm'],
    ...['-device', `${board === 'pc' ? 'tpm-tis' : 'tpm-crb'},tpmdev=tpm0`],
  ];
}

export function balloon({ balloon: has }: MachineDefinition): string[] {
  return has ? ['-device', 'virtio-balloon-pci,id=balloon0'] : [];
}
