import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { UserError } from '../../../src/base/errors.js';
import type { DiskFormat } from '../../../src/machine/disk-format.js';
import { needOption, number, oneOf, optionOf, type Words } from './words.js';

const FORMATS: Readonly<Record<string, DiskFormat>> = {
  // To each program its own: of a machine with a VDI QEMU could not save the state.
  ...{ vdi: 'qcow2', qcow2: 'qcow2', vmdk: 'vmdk', vhd: 'vpc', raw: 'raw' },
};
const MIB = 2 ** 20;
const MAGIC = Buffer.from('QFI\xfb', 'latin1');

/** What `createmedium` is to make. Throws UserError (usage). */
export function mediumOf(words: Words): {
  readonly path: string;
  readonly format: DiskFormat;
  readonly bytes: number;
} {
  const [kind = 'disk'] = words.words;
  if (kind !== 'disk') throw new UserError(`createmedium ${kind}: only disks are made here`, 2);
  const name = needOption(words, 'createmedium', 'filename');
  for (const [option, value] of words.options) {
    if (option === 'diffparent')
      throw new UserError('createmedium --diffparent: take a linked clone of the machine', 2);
    if (option === 'variant' && value.toLowerCase() !== 'standard') {
      throw new UserError(`createmedium --variant ${value}: disks grow here as they are written to`, 2);
    }
  }
  const format = optionOf(words, 'format') ?? (extname(name).slice(1) || 'VDI');
  const [megabytes, bytes] = [optionOf(words, 'size'), optionOf(words, 'sizebyte')];
  if (megabytes === undefined && bytes === undefined) throw new UserError('createmedium needs --size, in megabytes', 2);
  return {
    path: resolve(extname(name) === '' ? `${name}.${format.toLowerCase()}` : name),
    format: oneOf('format', format, FORMATS),
    bytes: megabytes === undefined ? number('sizebyte', bytes!) : number('size', megabytes) * MIB,
  };
}

/** Makes it on this host; the service need not know of it before it is attached. */
export async function createMedium(words: Words): Promise<string> {
  const { path, format, bytes } = mediumOf(words);
  if (existsSync(path)) throw new UserError(`there is a file ${path} already`);
  const { QemuImg } = await import('../../../src/engine/qemu/qemu-img.js');
  const qemuImg = await QemuImg.find();
  if (qemuImg === undefined) throw new UserError('this needs qemu-img: apt install qemu-utils, dnf install qemu-img');
  await qemuImg.create(path, format, bytes);
  return `Medium created. UUID: ${path}\n`;
}

/**
 * Whether the image, which is called something else, is a qcow2 image: never of a raw one, into which a guest writes
 * what it likes. False for what cannot be read here.
 */
export function isQcow2(path: string): boolean {
  if (!/\.(vdi|vmdk|vhd)$/i.test(path) || !existsSync(path)) return false;
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(MAGIC.length);
    return readSync(file, head) === head.length && head.equals(MAGIC);
  } finally {
    closeSync(file);
  }
}
