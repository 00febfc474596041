import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CHROMIUM } from './browser.js';
import { GRUB_ISO, INSTALLER_386_KERNEL, INSTALLER_KERNEL, SEABIOS } from './guest.js';

declare module 'vitest' {
  interface TaskMeta {
    /** What the test needs and this machine has not; it is skipped then, and the report says so. */
    missing?: string[];
  }
}

/** What interop tests need, by the name people know, and where it is: a command, or a file where there is a slash. */
const PLACES = {
  qemu: 'qemu-system-x86_64',
  Xvfb: 'Xvfb',
  xdotool: 'xdotool',
  xfreerdp: 'xfreerdp',
  rdesktop: 'rdesktop',
  vncviewer: 'xtigervncviewer',
  Xvnc: 'Xvnc',
  tigervncpasswd: 'tigervncpasswd',
  chromium: CHROMIUM,
  'the Debian installer': INSTALLER_KERNEL,
  'the 32 bit Debian installer': INSTALLER_386_KERNEL,
  "GRUB's rescue ISO": GRUB_ISO,
  SeaBIOS: SEABIOS,
} as const;

export type Need = keyof typeof PLACES;

/** What an X client needs besides itself. */
export const X = ['Xvfb', 'xdotool'] as const satisfies readonly Need[];

export function isThere(need: Need): boolean {
  const place = PLACES[need];
  if (place.includes('/')) return existsSync(place);
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, place), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Options of a test or suite that is skipped, and reported as such, where something it needs is not installed. */
export function requires(...needs: Need[]): { skip: boolean; meta: { missing: string[] } } {
  const missing = needs.filter((need) => !isThere(need));
  return { skip: missing.length > 0, meta: { missing } };
}
