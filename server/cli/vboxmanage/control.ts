import { readFileSync } from 'node:fs';
import { messageOf, UserError } from '../../../src/base/errors.js';
import type { Deed } from './deed.js';
import { change } from './deed.js';
import { modified } from './modify.js';

type Control = (machine: string, rest: readonly string[]) => Deed;

const ours =
  (...command: readonly string[]): Control =>
  (machine) => ({ ours: [command[0]!, machine, ...command.slice(1)] });
/** What is part of the definition, and holds at once. */
const setting =
  (option: string): Control =>
  (machine, [value = '']) =>
    change(machine, (config) => modified(config, { words: [], options: [[option, value]] }).config, 'at once');

/** `controlvm VM …` */
const CONTROL: Readonly<Record<string, Control>> = {
  poweroff: ours('stop'),
  pause: ours('pause'),
  resume: ours('resume'),
  reset: ours('reset'),
  savestate: ours('save'),
  acpipowerbutton: ours('shutdown'),
  shutdown: ours('shutdown'),
  keyboardputscancode: (machine, codes) => ({ ours: ['key', machine, '--scancodes', codes.join(' ')] }),
  // One after the other, with nothing between them.
  keyboardputstring: (machine, text) => ({ ours: ['type', machine, '--', text.join('')] }),
  keyboardputfile: (machine, [file = '']) => ({
    async ask(api) {
      await api.call('console.type', { machine, text: textOf(file) });
      return '';
    },
  }),
  screenshotpng: (machine, [file = '-', screen = '0']) => {
    if (screen !== '0') throw new UserError(`screenshotpng: there is no screen ${screen} here, only the first`, 2);
    return { ours: ['screenshot', machine, file] };
  },
  setvideomodehint: (machine, [width = '', height = '']) => ({ ours: ['resize', machine, `${width}x${height}`] }),
  // There it is what is taken from the guest, here what is left to it.
  guestmemoryballoon: (machine, [mib = '']) => ({
    async ask(api) {
      if (!/^\d+$/.test(mib)) throw new UserError(`guestmemoryballoon ${mib}: a whole number of megabytes`, 2);
      const { memoryMiB } = await api.call('machine.show', { machine });
      await api.call('machine.balloon', { machine, memoryMiB: Math.max(0, memoryMiB - Number(mib)) });
      return '';
    },
  }),
  vrde: setting('vrde'),
  vrdeport: setting('vrdeport'),
  vrdeports: setting('vrdeport'),
  clipboard: (machine, rest) => setting('clipboardmode')(machine, rest[0] === 'mode' ? rest.slice(1) : rest),
  autostartenabled: setting('autostartenabled'),
};

/** Throws UserError (usage). */
export function control([machine, action = '', ...rest]: readonly string[]): Deed {
  if (machine === undefined || action === '') throw new UserError('controlvm VM ACTION: which?', 2);
  const known = Object.hasOwn(CONTROL, action.toLowerCase()) ? CONTROL[action.toLowerCase()] : undefined;
  if (known === undefined) {
    throw new UserError(`controlvm ${action} is not known here: ${Object.keys(CONTROL).join(', ')}`, 2);
  }
  return known(machine, rest);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(`cannot read ${file}: ${messageOf(error)}`);
  }
}
