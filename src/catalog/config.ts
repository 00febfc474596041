import type { Accel } from '../machine/definition.js';
import type { DiskFormat } from '../machine/disk-format.js';

/** What somebody may do with a machine; each includes the ones before it. */
export const ROLES = ['view', 'use', 'operate', 'admin'] as const;
/**
 * - 'view': sees the screen
 * - 'use': drives keyboard, pointer and clipboard
 * - 'operate': power, snapshots, and who is connected
 * - 'admin': changes the definition, its access, and deletes it
 */
export type Role = (typeof ROLES)[number];

/** Whether `role` is at least `needed`. */
export function includesRole(role: Role | undefined, needed: Role): boolean {
  return role !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** How several people share one screen. */
export const SHARE_POLICIES = ['shared', 'exclusive', 'takeover', 'view-only'] as const;
/**
 * - 'shared': all watch, all may drive
 * - 'exclusive': who is there stays; the next is refused and told who is there
 * - 'takeover': the next one gets the screen; who was there is told who took it
 * - 'view-only': one drives, the first; all others watch
 */
export type SharePolicy = (typeof SHARE_POLICIES)[number];

export type DiskBus = 'sata' | 'ide' | 'scsi' | 'virtio' | 'nvme';

export interface DiskConfig {
  /** Image: absolute, or relative to the machine's folder. */
  readonly file?: string;
  /** Instead of a file: an iSCSI LUN, `iscsi://[USER%PASSWORD@]HOST[:PORT]/TARGET/LUN`. */
  readonly iscsi?: string;
  /** Given by the file's name where it is missing. */
  readonly format?: DiskFormat;
  /** For a disk that is to be created: bytes, with K, M, G or T. */
  readonly size?: string;
  readonly bus?: DiskBus;
  readonly readOnly?: boolean;
}

export interface NicConfig {
  readonly type: 'user' | 'bridge' | 'none';
  readonly model?: 'virtio' | 'e1000' | 'e1000e' | 'rtl8139' | 'pcnet';
  readonly mac?: string;
  /** The host's bridge, for type 'bridge'. */
  readonly bridge?: string;
  /** Port forwards for type 'user': `tcp|udp:[HOST-ADDRESS]:HOST-PORT:[GUEST-ADDRESS]:GUEST-PORT`. */
  readonly forwards?: readonly string[];
}

export interface SharedFolderConfig {
  /** The mount tag in the guest. */
  readonly name: string;
  readonly path: string;
  readonly readOnly?: boolean;
  readonly via?: '9p' | 'virtiofs';
}

/** Who watches and drives, and how one gets there. */
export interface ConsoleConfig {
  readonly share?: SharePolicy;
  readonly clipboard?: 'off' | 'to-guest' | 'from-guest' | 'both';
  /** `off`: this machine cannot be reached by RDP, VNC or browser at all. */
  readonly access?: 'on' | 'off';
  /** Fixed ports of its own, as VRDE has them: `3390`, `5001-5010`, `[ADDR:]PORT`; the first free one is taken. */
  readonly rdpPort?: string;
  readonly vncPort?: string;
}

/** A machine as `machine.yaml` has it. Everything may be left out except what boots. The folder's name is its name. */
export interface MachineConfig {
  readonly description?: string;
  readonly engine?: 'auto' | 'emulator' | 'qemu';
  readonly accel?: Accel;
  /** Boots the built-in demo guest. */
  readonly demo?: boolean;
  /** MiB. */
  readonly memory?: number;
  readonly cpus?: number;
  readonly firmware?: 'bios' | 'uefi';
  readonly tpm?: boolean;
  readonly boot?: readonly ('disk' | 'cdrom' | 'floppy' | 'network')[];
  readonly disks?: readonly DiskConfig[];
  readonly cdrom?: string;
  readonly floppy?: string;
  readonly kernel?: string;
  readonly initrd?: string;
  readonly append?: string;
  readonly nics?: readonly NicConfig[];
  readonly sharedFolders?: readonly SharedFolderConfig[];
  /** Host devices passed on: `VENDOR:PRODUCT` in hex. */
  readonly usb?: readonly string[];
  readonly audio?: boolean;
  readonly display?: { readonly count?: number; readonly width?: number; readonly height?: number };
  readonly pointer?: 'tablet' | 'mouse';
  readonly qemuArgs?: readonly string[];
  readonly console?: ConsoleConfig;
  /** What happens when the guest crashes or its process dies. 'on-crash' unless given. */
  readonly restart?: 'never' | 'on-crash' | 'always';
  /** Started with the service. */
  readonly autostart?: boolean;
  /** After this many minutes with nobody connected; it wakes when somebody connects. */
  readonly idle?: { readonly action: 'pause' | 'save' | 'shutdown'; readonly afterMinutes: number };
  /** A template is never started; machines are cloned from it. */
  readonly template?: boolean;
  /** On a template: each user who may use it gets a linked clone at the first login; 'ephemeral' ones are rolled back at logout. */
  readonly pool?: { readonly type: 'per-user' | 'ephemeral'; readonly most?: number };
  /** On a clone made by a pool or by `clone`: where it comes from and for whom. */
  readonly origin?: { readonly template: string; readonly user?: string; readonly ephemeral?: boolean };
  /** Who may do what: user names, or `@group`. */
  readonly access?: Readonly<Record<string, Role>>;
}

/** Names of machines: they are folders, host names in clients, and user name parts. */
export const MACHINE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
