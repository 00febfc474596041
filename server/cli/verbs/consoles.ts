import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandModule } from 'yargs';
import { messageOf, UserError } from '../../../src/base/errors.js';
import type { ConsoleView } from '../../api/views.js';
import { facts } from './table.js';
import { done, type OnMachine, onMachine, verb } from './verb.js';

/** The program that opens links and files on this system. */
const OPENERS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

function open(target: string): void {
  const [program, ...args] = OPENERS[process.platform] ?? ['xdg-open'];
  const child = spawn(program, [...args, target], { stdio: 'ignore', detached: true });
  child.on('error', (error) => {
    process.exitCode = 1;
    process.stderr.write(`vitrine: cannot open ${target}: ${messageOf(error)}\n`);
  });
  child.unref();
}

function consoleText({ browser, vnc, rdp, ticket, expiresAt }: ConsoleView): string {
  return facts([
    ['browser', browser],
    ['vnc', vnc],
    ['rdp', rdp === null ? null : `${rdp.address}, user ${rdp.user}, password ${ticket}`],
    ['good until', `${expiresAt}, once`],
  ]);
}

export const CONSOLE_VERBS: readonly CommandModule[] = [
  verb<
    OnMachine & { as?: 'browser' | 'vnc' | 'rdp'; open: boolean; viewOnly: boolean; user?: string; minutes?: number }
  >(
    'console <machine>',
    'A one-time way to the screen: links to click, and a login for an RDP client',
    (argv) =>
      onMachine(argv).options({
        as: { choices: ['browser', 'vnc', 'rdp'] as const, describe: 'Only this one (rdp: the .rdp file)' },
        open: { type: 'boolean', default: false, describe: 'Open it here' },
        'view-only': { type: 'boolean', default: false, describe: 'Watch only' },
        user: { type: 'string', requiresArg: true, describe: 'For somebody else (administrators)' },
        minutes: { type: 'number', requiresArg: true, describe: 'How long the way is open' },
      }) as never,
    async (api, { machine, as, open: opens, viewOnly, user, minutes, json }) => {
      const view = await api.call('console.open', {
        machine,
        ...(viewOnly ? { rights: 'view' as const } : {}),
        ...(user === undefined ? {} : { user }),
        ...(minutes === undefined ? {} : { seconds: Math.round(minutes * 60) }),
      });
      const which = as ?? (opens ? 'browser' : undefined);
      if (which === undefined) return { data: view, text: consoleText(view) };
      const text = which === 'rdp' ? view.rdp?.file : view[which];
      if (text === undefined || text === null) throw new UserError(`the service has no ${which} port`);
      // The file has no password in it, and is asked for one: beside what may go into a file, it is told here.
      if (which === 'rdp' && !json)
        process.stderr.write(`password ${view.ticket}, good until ${view.expiresAt}, once\n`);
      if (opens) open(which === 'rdp' ? temporaryFile(`${machine}.rdp`, text) : text);
      return { data: view, text: text.endsWith('\n') ? text : `${text}\n` };
    },
  ),
  verb<OnMachine & { file: string; width?: number }>(
    'screenshot <machine> [file]',
    'The screen as a PNG file',
    (argv) =>
      onMachine(argv)
        .positional('file', { type: 'string', default: '-', describe: 'Where to; - is the output' })
        .option('width', { type: 'number', requiresArg: true, describe: 'At most this wide' }) as never,
    async (api, { machine, file, width }) => {
      const png = await api.call('console.screenshot', {
        machine,
        ...(width === undefined ? {} : { maxWidth: width }),
      });
      if (file === '-') {
        if (process.stdout.isTTY) throw new UserError('a picture is nothing for a terminal: name a file');
        process.stdout.write(png);
        return undefined;
      }
      try {
        writeFileSync(file, png);
      } catch (error) {
        throw new UserError(`cannot write ${file}: ${messageOf(error)}`);
      }
      return done({ file, bytes: png.length }, file);
    },
  ),
  verb<OnMachine & { text: readonly string[]; enter: boolean }>(
    'type <machine> <text..>',
    'Type text, as on a US keyboard',
    (argv) =>
      onMachine(argv)
        .positional('text', {
          type: 'string',
          array: true,
          demandOption: true,
          describe: 'The text; -- goes before one that begins with a dash',
        })
        .option('enter', { type: 'boolean', default: false, describe: 'Press Enter behind it' }) as never,
    async (api, { machine, text, enter }) => {
      const result = await api.call('console.type', { machine, text: text.join(' ') + (enter ? '\n' : '') });
      return done(result, result.untyped === 0 ? 'typed' : `typed; ${result.untyped} characters are on no key`);
    },
  ),
  verb<OnMachine & { keys: readonly string[]; scancodes?: string }>(
    'key <machine> [keys..]',
    'Press keys: ctrl+alt+delete, f2, enter, …',
    (argv) =>
      onMachine(argv)
        .positional('keys', { type: 'string', array: true, default: [], describe: 'Chords, one after the other' })
        .option('scancodes', {
          type: 'string',
          requiresArg: true,
          describe: 'Set-1 bytes in hex instead: "1d 9d"',
        }) as never,
    async (api, { machine, keys, scancodes }) => {
      if (keys.length === 0 && scancodes === undefined)
        throw new UserError('which key? for instance: ctrl+alt+delete', 2);
      const bytes = scancodes
        ?.split(/[\s,]+/)
        .filter((text) => text !== '')
        .map((text) => Number.parseInt(text, 16));
      await api.call('console.keys', {
        machine,
        keys: keys.join(' '),
        ...(bytes === undefined ? {} : { scancodes: bytes }),
      });
      return done({}, 'pressed');
    },
  ),
  verb<OnMachine & { x: number; y: number; click?: 'left' | 'middle' | 'right'; wheel?: number }>(
    'mouse <machine> <x> <y>',
    'Move the pointer, and click',
    (argv) =>
      onMachine(argv)
        .positional('x', { type: 'number', demandOption: true, describe: 'Pixels from the left' })
        .positional('y', { type: 'number', demandOption: true, describe: 'Pixels from the top' })
        .option('click', { choices: ['left', 'middle', 'right'] as const, describe: 'A button' })
        .option('wheel', { type: 'number', requiresArg: true, describe: 'Notches; positive is up' }) as never,
    async (api, { machine, x, y, click, wheel }) => {
      const buttons = click === undefined ? 0 : { left: 1, middle: 2, right: 4 }[click];
      await api.call('console.pointer', {
        machine,
        x,
        y,
        buttons,
        click: buttons !== 0,
        ...(wheel === undefined ? {} : { wheel }),
      });
      return done({}, 'moved');
    },
  ),
  verb<OnMachine & { text: readonly string[] }>(
    'clipboard <machine> <text..>',
    'Put text into the guest’s clipboard',
    (argv) =>
      onMachine(argv).positional('text', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'The text',
      }) as never,
    async (api, { machine, text }) =>
      done(await api.call('console.clipboard', { machine, text: text.join(' ') }), 'done'),
  ),
  verb<OnMachine & { size: string }>(
    'resize <machine> <size>',
    'Ask the guest for a screen size, such as 1280x800',
    (argv) =>
      onMachine(argv).positional('size', { type: 'string', demandOption: true, describe: 'WIDTHxHEIGHT' }) as never,
    async (api, { machine, size }) => {
      const [, width, height] = /^(\d+)x(\d+)$/.exec(size) ?? [];
      if (width === undefined) throw new UserError(`${size} is no size: 1280x800`, 2);
      const result = await api.call('console.resize', { machine, width: Number(width), height: Number(height) });
      return done(result, result.asked ? 'the guest was asked' : 'this guest cannot be asked');
    },
  ),
];

function temporaryFile(name: string, text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'vitrine-')), name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}
