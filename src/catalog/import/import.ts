import { existsSync } from 'node:fs';
import { mkdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { messageOf, Problem } from '../../base/errors.js';
import { given } from '../../base/given.js';
import { QemuImg } from '../../engine/qemu/qemu-img.js';
import { diskFormat } from '../../machine/disk-format.js';
import type { Fill } from '../catalog.js';
import type { DiskConfig, MachineConfig } from '../config.js';
import { syncFile } from '../durable.js';
import { oneLine } from '../finding.js';
import { adoptImage, readsFrom } from './foreign-image.js';
import { type Imported, told } from './imported.js';
import { importLibvirt } from './libvirt.js';
import { extractOva, type OvaProgress, readOvaDescription } from './ova.js';
import { type ImportedOvf, importOvf, type OvfDisk } from './ovf.js';
import { importVbox } from './vbox.js';
import { MAX_XML_BYTES } from './xml.js';

export type { Imported } from './imported.js';

export interface ImportedMachine extends Imported {
  /** For `Catalog.create`, where disks are to be brought into the machine's folder. */
  readonly fill?: Fill;
}

export interface ImportOptions {
  readonly onProgress?: (progress: OvaProgress) => void;
}

/**
 * Reads a machine of VirtualBox (.vbox), an appliance (.ova, .ovf) or a domain of libvirt (.xml). Nothing is written.
 * Disks of VirtualBox and libvirt stay where they are; those of appliances become the machine's own, in its folder,
 * when the returned `fill` is called. Rejects with Problem.
 */
export async function importMachine(file: string, options: ImportOptions = {}): Promise<ImportedMachine> {
  const { config, notCarriedOver, ...machine } = await readMachine(file, options);
  const lines = [...notCarriedOver];
  const tell = (line: string): void => void lines.push(told(line));
  const present = withoutMissing(config, tell);
  // Those of an appliance are looked at when they are brought.
  if (machine.fill === undefined) await tellOfOthers(config.disks ?? [], tell);
  return { ...machine, config: present, notCarriedOver: lines };
}

/** Nobody needs the CD that somebody installed it from. */
function withoutMissing({ cdrom, floppy, ...config }: MachineConfig, tell: (line: string) => void): MachineConfig {
  const present = (what: string, path: string | undefined): string | undefined => {
    if (path === undefined || existsSync(path)) return path;
    tell(`what was in the ${what} drive (${path}): there is no such file`);
    return undefined;
  };
  return { ...config, ...given({ cdrom: present('CD', cdrom), floppy: present('floppy', floppy) }) };
}

async function tellOfOthers(disks: readonly DiskConfig[], tell: (line: string) => void): Promise<void> {
  for (const [i, { file, format }] of disks.entries()) {
    if (file === undefined) continue;
    for (const other of await readsFrom(file, format ?? diskFormat(file, new Uint8Array()))) {
      tell(`disk ${i + 1} reads from ${other}: whoever uses the machine sees what is in it`);
    }
  }
}

async function readMachine(file: string, options: ImportOptions): Promise<ImportedMachine> {
  const path = resolve(file);
  switch (extname(path).toLowerCase()) {
    case '.vbox':
      return importVbox(await readText(path), dirname(path));
    case '.xml':
      return importLibvirt(await readText(path));
    case '.ovf':
      return withDisks(importOvf(await readText(path)), async (disks, bring) => {
        for (const disk of disks) await bring(disk, await beside(path, disk.href));
      });
    case '.ova':
      return withDisks(importOvf(await readOvaDescription(path)), async (disks, bring, folder) => {
        const parts = new Map(disks.map(({ href }, i) => [href, join(folder, `${i}.part`)]));
        await extractOva(path, parts, options.onProgress);
        for (const disk of disks) await bring(disk, parts.get(disk.href)!);
      });
    default:
      throw new Problem('bad-request', `${file}: a machine is imported from a .vbox, .ovf, .ova or .xml file`);
  }
}

type Bring = (disk: OvfDisk, from: string) => Promise<void>;

function withDisks(
  { disks, ...imported }: ImportedOvf,
  work: (disks: readonly OvfDisk[], bring: Bring, folder: string) => Promise<void>,
): ImportedMachine {
  if (disks.length === 0) return imported;
  return {
    ...imported,
    fill: async (folder) => {
      const qemuImg = await QemuImg.find();
      if (qemuImg === undefined) {
        throw new Problem(
          'not-supported',
          'the disks of an appliance need qemu-img: apt install qemu-utils, dnf install qemu-img',
        );
      }
      const parts = join(folder, '.import');
      await mkdir(parts, { mode: 0o700 });
      await work(
        disks,
        async (disk, from) => {
          const to = join(folder, disk.file);
          await adoptImage(qemuImg, from, disk.format, to).catch((error: unknown) => {
            // Nobody knows the part of an archive by the name that it has meanwhile.
            if (!(error instanceof Problem)) throw error;
            throw new Problem(error.code, error.message.replaceAll(from, oneLine(disk.href, 120)));
          });
          await syncFile(to);
        },
        parts,
      );
      await rm(parts, { recursive: true });
    },
  };
}

/** A file that the OVF file names: beside it or below, nowhere else, wherever links lead. */
async function beside(ovf: string, href: string): Promise<string> {
  const folder = dirname(ovf);
  const path = resolve(folder, href);
  const isLeaving = /^[a-z][a-z0-9+.-]*:/i.test(href) || !isWithin(folder, path);
  // What is not there is told by whoever reads it.
  const real = isLeaving ? undefined : await realpath(path).catch(() => path);
  if (real === undefined || !(isWithin(folder, real) || isWithin(await realpath(folder), real))) {
    throw new Problem('bad-request', `${ovf} names ${oneLine(href, 120)}, which is not beside it`);
  }
  return path;
}

function isWithin(folder: string, path: string): boolean {
  const within = relative(folder, path);
  return within !== '' && within.split('/')[0] !== '..';
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MAX_XML_BYTES) throw new Problem('bad-request', `${path} is larger than ${MAX_XML_BYTES >> 20} MiB`);
    const bytes = await readFile(path);
    return decodeText(bytes);
  } catch (error) {
    if (error instanceof Problem) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new Problem(
      'bad-request',
      `cannot read ${path}: ${code === 'ENOENT' ? 'there is no such file' : messageOf(error)}`,
    );
  }
}

/** UTF-8, or UTF-16 with its mark, as some exporters on Windows write. */
function decodeText(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  return new TextDecoder('utf-8').decode(bytes);
}
