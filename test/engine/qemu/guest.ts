import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { MachineDefinition } from '../../../src/machine/definition.js';
import { checkDefinition, type MachineOptions } from '../../../src/machine/definition.js';
import { hex } from '../../hex.js';

/** Boots in an instant: colours the text screen, another colour at each key, and powers the machine off at Escape. */
const GUEST = hex(
  'b80300 cd10', //       mov ax, 3; int 10h       80x25 text
  'b800b8 8ec0', //       mov ax, 0b800h; mov es, ax
  '31db', //              xor bx, bx
  '31c0 cd16', //   wait: xor ax, ax; int 16h      a key
  '80fc01 740f', //       cmp ah, 1; je off        scan code of Escape
  '30c3 88dc b0db', //    xor bl, al; mov ah, bl; mov al, 0dbh   a full block, its colour the characters so far
  'b9d007 31ff', //       mov cx, 2000; xor di, di
  'f3ab ebe8', //         rep stosw; jmp wait
  'ba0406 b80020 ef', // off: mov dx, 604h; mov ax, 2000h; out dx, ax   ACPI S5 on q35
  'f4 ebfd', //           hlt; jmp $ - 1
);

/** A folder for one test, which is also where QEMU's own folder goes. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A machine that boots the guest above. */
export async function guest(folder: string, changes: MachineOptions = {}): Promise<MachineDefinition> {
  const disk = join(folder, 'disk.raw');
  writeFileSync(disk, Buffer.concat([Buffer.concat([GUEST], 510), hex('55aa')], 1 << 20));
  return checkDefinition({ disks: [disk], accel: 'tcg', memoryMiB: 32, nic: 'none', ...changes });
}
