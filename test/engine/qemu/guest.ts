import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { MachineDefinition } from '../../../src/machine/definition.js';
import { checkDefinition, type MachineOptions } from '../../../src/machine/definition.js';
import type { FileDisk } from '../../../src/machine/hardware.js';
import { hex } from '../../hex.js';

/**
 * Boots in an instant: at each key writes the characters so far, combined, to the second sector and then colours the
 * text screen by them; powers the machine off at Escape.
 */
const CODE = hex(
  'b80300 cd10', //       mov ax, 3; int 10h       80x25 text
  '31c0 8ed8', //         xor ax, ax; mov ds, ax
  '31db', //              xor bx, bx
  '31c0 cd16', //   wait: xor ax, ax; int 16h      a key
  '80fc01 742c', //       cmp ah, 1; je off        scan code of Escape
  '30c3', //              xor bl, al
  '881e007e 53', //       mov [7e00h], bl; push bx
  '31c0 8ec0', //         xor ax, ax; mov es, ax
  'bb007e b80103', //     mov bx, 7e00h; mov ax, 301h       write one sector
  'b90200 ba8000 cd13', // mov cx, 2; mov dx, 80h; int 13h  of the first disk: cylinder 0, head 0, sector 2
  '5b b800b8 8ec0', //    pop bx; mov ax, 0b800h; mov es, ax
  '88dc b0db', //         mov ah, bl; mov al, 0dbh          a full block, its colour the characters so far
  'b9d007 31ff f3ab', //  mov cx, 2000; xor di, di; rep stosw
  'ebcb', //              jmp wait
  'ba0406 b80020 ef', // off: mov dx, 604h; mov ax, 2000h; out dx, ax   ACPI S5 on q35
  'f4 ebfd', //           hlt; jmp $ - 1
);
const SECTOR_BYTES = 512;
const DISK_BYTES = 1 << 20;

/** A raw disk image with that guest. */
export function guestDisk(): Uint8Array {
  return Buffer.concat([Buffer.concat([CODE], SECTOR_BYTES - 2), hex('55aa')], DISK_BYTES);
}

/** What the guest has written to a raw image. */
export function written(image: string): number {
  return readFileSync(image)[SECTOR_BYTES]!;
}

/** New overlays for all disks of a machine, as qemu-img makes them. */
export function overlaysOf({ disks }: MachineDefinition): string[] {
  return disks.map((disk) => {
    const { path, format } = disk as FileDisk;
    const overlay = `${path}.${randomUUID()}.qcow2`;
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', path, '-F', format, overlay]);
    return overlay;
  });
}

/** A folder for one test, which is also where QEMU's own folder goes. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A machine that boots the guest above. */
export async function guest(folder: string, changes: MachineOptions = {}): Promise<MachineDefinition> {
  const disk = join(folder, 'disk.raw');
  writeFileSync(disk, guestDisk());
  return checkDefinition({ disks: [disk], accel: 'tcg', memoryMiB: 32, nic: 'none', ...changes });
}
