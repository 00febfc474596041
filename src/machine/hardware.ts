/** What a machine may be made of besides processor and memory, as its definition says it. */

import type { DiskFormat } from './disk-format.js';

export const DISK_BUSES = ['sata', 'ide', 'scsi', 'virtio', 'nvme'] as const;
export type DiskBus = (typeof DISK_BUSES)[number];

export const NIC_MODELS = ['virtio', 'e1000', 'e1000e', 'rtl8139', 'pcnet'] as const;
export type NicModel = (typeof NIC_MODELS)[number];

export const BOOT_DEVICES = ['disk', 'cdrom', 'floppy', 'network'] as const;
export type BootDevice = (typeof BOOT_DEVICES)[number];

export interface DiskOptions {
  readonly file?: string;
  /** Instead of a file: `iscsi://[USER%PASSWORD@]HOST[:PORT]/TARGET/LUN`. */
  readonly iscsi?: string;
  /** Told by name and content where it is missing. */
  readonly format?: DiskFormat;
  /** The board's own controller unless given: SATA, or IDE on an old board. */
  readonly bus?: DiskBus;
  readonly readOnly?: boolean;
}

export interface NicOptions {
  readonly type: 'user' | 'bridge' | 'none';
  readonly model?: NicModel;
  readonly mac?: string;
  /** The host's bridge, for type 'bridge'. */
  readonly bridge?: string;
  /** For type 'user': `tcp|udp:[HOST-ADDRESS]:HOST-PORT:[GUEST-ADDRESS]:GUEST-PORT`; loopback unless an address is given. */
  readonly forwards?: readonly string[];
}

export interface SharedFolderOptions {
  /** The mount tag in the guest. */
  readonly name: string;
  readonly path: string;
  readonly readOnly?: boolean;
  readonly via?: '9p' | 'virtiofs';
}

export interface DisplayOptions {
  readonly count?: number;
  readonly width?: number;
  readonly height?: number;
}

/** What was checked. */
export interface FileDisk {
  readonly path: string;
  readonly format: DiskFormat;
  readonly bus: DiskBus | undefined;
  readonly readOnly: boolean;
}

export interface IscsiDisk {
  readonly iscsi: IscsiTarget;
  readonly bus: DiskBus | undefined;
  readonly readOnly: boolean;
}

export interface IscsiTarget {
  /** HOST:PORT */
  readonly portal: string;
  readonly target: string;
  readonly lun: number;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

export type Disk = FileDisk | IscsiDisk;

export interface Nic {
  readonly type: 'user' | 'bridge';
  readonly model: NicModel | undefined;
  readonly mac: string | undefined;
  readonly bridge: string | undefined;
  readonly forwards: readonly Forward[];
}

export interface Forward {
  readonly protocol: 'tcp' | 'udp';
  readonly hostAddress: string;
  readonly hostPort: number;
  /** Empty: the guest's first address. */
  readonly guestAddress: string;
  readonly guestPort: number;
}

export interface SharedFolder {
  readonly name: string;
  readonly path: string;
  readonly readOnly: boolean;
  readonly via: '9p' | 'virtiofs';
}

/** A device of the host, by the numbers that it tells. */
export interface UsbDevice {
  readonly vendorId: number;
  readonly productId: number;
}

export interface DisplaySize {
  readonly width: number;
  readonly height: number;
}
