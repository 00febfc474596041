import { ACCELS } from '../machine/definition.js';
import {
  type ConsoleConfig,
  type DiskConfig,
  type MachineConfig,
  type NicConfig,
  ROLES,
  SHARE_POLICIES,
  type SharedFolderConfig,
} from './config.js';

/**
 * JSON Schema (2020-12, as OpenAPI 3.1 takes it). `x-must` continues "FIELD: must …" for people, where the keywords
 * alone would not say it well; other readers ignore it.
 */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A schema's properties: all fields of the interface and no others, in the order in which they are written. */
type Fields<T> = Readonly<Record<keyof T, JsonSchema>>;

export const MIN_MEMORY_MIB = 4;
export const MAX_MEMORY_MIB = 1 << 20;
export const MAX_CPUS = 255;
/** A disk of 8 EiB is where every format's arithmetic ends. */
export const SIZE = /^[1-9]\d{0,14}[KMGT]?$/;
export const MAC = /^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$/;

const TEXT = (description: string, maxLength = 1024): JsonSchema => ({
  type: 'string',
  maxLength,
  pattern: '^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f]*$',
  'x-must': `be text of at most ${maxLength} characters, without control characters`,
  description,
});
/** One line that is not empty. */
const LINE = (description: string, maxLength = 1024): JsonSchema => ({
  type: 'string',
  minLength: 1,
  maxLength,
  pattern: '^[^\\u0000-\\u001f\\u007f]*$',
  'x-must': `be one line of 1 to ${maxLength} characters`,
  description,
});
const FILE = (what: string): JsonSchema => LINE(`${what}: absolute, or relative to the machine’s folder`, 4095);
const FLAG = (description: string): JsonSchema => ({ type: 'boolean', 'x-must': 'be true or false', description });
const WHOLE = (minimum: number, maximum: number, unit: string, description: string): JsonSchema => ({
  type: 'integer',
  minimum,
  maximum,
  'x-must': `be a whole number${unit && ` of ${unit}`} from ${minimum} to ${maximum}`,
  description,
});
const ONE_OF = (values: readonly string[], description: string): JsonSchema => ({
  type: 'string',
  enum: values,
  'x-must': `be ${values.length > 1 ? 'one of ' : ''}${values.join(', ')}`,
  description,
});
const PATTERN = (pattern: RegExp, must: string, description: string): JsonSchema => ({
  type: 'string',
  pattern: pattern.source,
  'x-must': must,
  description,
});
const LIST = (items: JsonSchema, maxItems: number, description: string): JsonSchema => ({
  type: 'array',
  maxItems,
  items,
  'x-must': `be a list of at most ${maxItems}`,
  description,
});
const OBJECT = (properties: Fields<never> | object, required: readonly string[], description: string): JsonSchema => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
  'x-must': `have fields of its own (${Object.keys(properties).join(', ')})`,
  description,
});

const DISK: Fields<DiskConfig> = {
  file: FILE('image'),
  iscsi: LINE('instead of a file: iscsi://[USER%PASSWORD@]HOST[:PORT]/TARGET/LUN'),
  format: ONE_OF(['raw', 'qcow2', 'vmdk', 'vdi', 'vhdx', 'vpc'], 'told by the file’s name where it is missing'),
  size: PATTERN(SIZE, 'be bytes, with K, M, G or T for powers of 1024: 20G', 'of a disk that is to be created'),
  bus: ONE_OF(['sata', 'ide', 'scsi', 'virtio', 'nvme'], 'sata unless given'),
  readOnly: FLAG('the guest cannot write to it, and snapshots leave it out'),
};

const NIC: Fields<NicConfig> = {
  type: ONE_OF(['user', 'bridge', 'none'], 'user: behind the host’s address; bridge: on the host’s network'),
  model: ONE_OF(['virtio', 'e1000', 'e1000e', 'rtl8139', 'pcnet'], 'the card that the guest sees'),
  mac: PATTERN(MAC, 'be six bytes in hex: 52:54:00:12:34:56', 'made up where it is missing'),
  bridge: PATTERN(/^[^\s/,\u0000-\u001f]{1,15}$/, 'be the name of a network interface', 'the host’s bridge'),
  forwards: LIST(LINE('tcp|udp:[HOST-ADDRESS]:HOST-PORT:[GUEST-ADDRESS]:GUEST-PORT', 120), 64, 'ports into the guest'),
};

const SHARED_FOLDER: Fields<SharedFolderConfig> = {
  name: PATTERN(/^[A-Za-z0-9_.-]{1,31}$/, 'be 1 to 31 letters, digits and _ . -', 'the mount tag in the guest'),
  path: LINE('folder on the host, absolute', 4095),
  readOnly: FLAG('the guest cannot write to it'),
  via: ONE_OF(['9p', 'virtiofs'], '9p unless given'),
};

const CONSOLE: Fields<ConsoleConfig> = {
  share: ONE_OF(SHARE_POLICIES, 'how several people share the screen; shared unless given'),
  clipboard: ONE_OF(['off', 'to-guest', 'from-guest', 'both'], 'both unless given'),
  access: ONE_OF(['on', 'off'], 'off: the screen cannot be reached at all'),
  rdpPort: LINE('RDP ports of its own, the first free one is taken: 3390, 5000-5010, 0.0.0.0:3390', 120),
  vncPort: LINE('VNC ports of its own, likewise', 120),
};

const DISPLAY: Fields<NonNullable<MachineConfig['display']>> = {
  count: WHOLE(1, 16, '', 'screens'),
  width: WHOLE(320, 8192, 'pixels', 'at start'),
  height: WHOLE(200, 8192, 'pixels', 'at start'),
};

const FIELDS: Fields<MachineConfig> = {
  description: TEXT('for people', 4096),
  template: FLAG('never started; machines are cloned from it'),
  engine: ONE_OF(['auto', 'emulator', 'qemu'], 'what runs it; auto unless given'),
  accel: ONE_OF(ACCELS, 'auto: the platform’s accelerator if it proves to work'),
  demo: FLAG('boots the built-in demo guest'),
  memory: {
    ...WHOLE(MIN_MEMORY_MIB, MAX_MEMORY_MIB, 'MiB', 'MiB'),
    'x-must': `be a whole number of MiB, ${MIN_MEMORY_MIB} or more`,
  },
  cpus: WHOLE(1, MAX_CPUS, '', 'processors'),
  firmware: ONE_OF(['bios', 'uefi'], 'bios unless given'),
  tpm: FLAG('a TPM 2.0'),
  boot: LIST(ONE_OF(['disk', 'cdrom', 'floppy', 'network'], 'a kind of medium'), 4, 'in which order media are tried'),
  disks: LIST(OBJECT(DISK, [], 'a disk'), 16, 'hard disks'),
  cdrom: FILE('ISO image'),
  floppy: FILE('floppy image'),
  kernel: FILE('kernel to boot instead of a medium'),
  initrd: FILE('its initial RAM disk'),
  append: LINE('its command line', 4000),
  nics: LIST(OBJECT(NIC, ['type'], 'a network card'), 8, 'network cards; one of type user unless given'),
  sharedFolders: LIST(OBJECT(SHARED_FOLDER, ['name', 'path'], 'a folder'), 16, 'folders of the host'),
  usb: LIST(
    PATTERN(/^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}$/, 'be VENDOR:PRODUCT in hex: 046d:c52b', 'a device of the host'),
    16,
    'devices of the host that are passed on',
  ),
  audio: FLAG('a sound card'),
  display: OBJECT(DISPLAY, [], 'screens'),
  pointer: ONE_OF(['tablet', 'mouse'], 'mouse: for guests without USB; tablet unless given'),
  qemuArgs: LIST(LINE('an argument', 4095), 256, 'appended to QEMU’s command line as they are'),
  console: OBJECT(CONSOLE, [], 'who watches and drives, and how one gets there'),
  restart: ONE_OF(['never', 'on-crash', 'always'], 'when the guest dies; on-crash unless given'),
  autostart: FLAG('started with the service'),
  idle: OBJECT(
    {
      action: ONE_OF(['pause', 'save', 'shutdown'], 'what is done; it wakes when somebody connects'),
      afterMinutes: WHOLE(1, 525_600, 'minutes', 'with nobody connected'),
    } satisfies Fields<NonNullable<MachineConfig['idle']>>,
    ['action', 'afterMinutes'],
    'what happens while nobody is connected',
  ),
  pool: OBJECT(
    {
      type: ONE_OF(['per-user', 'ephemeral'], 'ephemeral: rolled back at logout'),
      most: WHOLE(1, 10_000, '', 'machines at a time'),
    } satisfies Fields<NonNullable<MachineConfig['pool']>>,
    ['type'],
    'on a template: who may use it gets a clone at the first login',
  ),
  origin: OBJECT(
    {
      template: LINE('the template’s name', 63),
      user: LINE('whose clone it is', 128),
      ephemeral: FLAG('rolled back at logout'),
    } satisfies Fields<NonNullable<MachineConfig['origin']>>,
    ['template'],
    'where a clone comes from; written by vitrine',
  ),
  access: {
    type: 'object',
    maxProperties: 1000,
    propertyNames: { type: 'string', pattern: '^@?[^\\s@\\u0000-\\u001f][^\\u0000-\\u001f]{0,126}$' },
    additionalProperties: ONE_OF(ROLES, 'each includes the ones before it'),
    'x-must': 'map user names or @GROUPs to roles',
    description: 'who may do what: user names, or @group',
  },
};

/** The one schema of a definition: for machine.yaml, the API and its document. */
export const MACHINE_CONFIG_SCHEMA: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  properties: FIELDS,
  'x-must': 'be fields with values, as in `memory: 1024`',
  description: 'A virtual machine. Everything may be left out except what boots.',
};
