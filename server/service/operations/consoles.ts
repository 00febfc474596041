import { Problem } from '../../../src/base/errors.js';
import { BUTTON } from '../../../src/input/events.js';
import { type KeyStroke, strokesOf, strokesOfScanCodes } from '../../../src/input/key-names.js';
import type { Operations } from '../../api/operation-types.js';
import { audited, type OperationParts } from './parts.js';

type ConsoleOperations = Pick<
  Operations,
  'console.screenshot' | 'console.type' | 'console.keys' | 'console.pointer' | 'console.clipboard' | 'console.resize'
>;

/** What programs do at a machine's keyboard, pointer and screen. */
export function consoleOperations(parts: OperationParts): ConsoleOperations {
  const { service, thumbnails } = parts;
  return {
    async 'console.screenshot'(_caller, { machine: name, maxWidth, version }) {
      const machine = service.machine(name);
      // A wall full of people costs the guest one picture a change.
      const small = version === undefined ? undefined : await thumbnails.picture(machine);
      if (small !== undefined) return small;
      const params = maxWidth === undefined ? {} : { maxWidth };
      const { png } = await machine.process.request('screenshot', params);
      return Buffer.from(png, 'base64');
    },

    'console.type': (caller, { machine: name, text }) => {
      const machine = service.machine(name);
      // What was typed may be a password.
      return audited(parts, caller, 'type', machine.name, `${text.length} characters`, () =>
        machine.process.request('type', { text }),
      );
    },

    'console.keys': (caller, { machine: name, keys, scancodes }) => {
      const machine = service.machine(name);
      const strokes = strokesFrom(keys, scancodes);
      return audited(parts, caller, 'keys', machine.name, `${strokes.length} strokes`, () =>
        machine.process.request('keys', { keys: strokes }),
      );
    },

    async 'console.pointer'(_caller, { machine: name, x, y, buttons = 0, click = false, wheel }) {
      const { process } = service.machine(name);
      const pressed = click && buttons === 0 ? BUTTON.left : buttons;
      await process.request('pointer', { x, y, buttons: pressed, ...(wheel === undefined ? {} : { wheelY: wheel }) });
      if (click) await process.request('pointer', { x, y, buttons: 0 });
      return {};
    },

    'console.clipboard': (caller, { machine: name, text }) => {
      const machine = service.machine(name);
      return audited(parts, caller, 'clipboard', machine.name, `${text.length} characters`, () =>
        machine.process.request('clipboard', { text }),
      );
    },

    'console.resize': async (_caller, { machine: name, width, height }) =>
      service.machine(name).process.request('requestSize', { width, height }),
  };
}

function strokesFrom(keys: string | undefined, scancodes: readonly number[] | undefined): KeyStroke[] {
  try {
    return [...strokesOf(keys ?? ''), ...strokesOfScanCodes(scancodes ?? [])];
  } catch (error) {
    if (error instanceof RangeError) throw new Problem('bad-request', error.message);
    throw error;
  }
}
