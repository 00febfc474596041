import { UserError } from '../../src/base/errors.js';
import { ASKING } from './verbs/complete.js';

/** No argument of a program has it in it. */
const MARK = '\0';
/** Options that may be repeated, and positionals that take several. */
const MANY = ['_', 'disk', 'new-disk', 'qemu-arg', 'unset', 'group', 'machine', 'name', 'keys', 'text'];

type Argv = Record<string, unknown>;

/**
 * Marks what begins with a dash and is no option: `-` by itself, and what stands behind `--`. yargs takes the one for
 * empty, and counts the other among no command's arguments.
 */
export function markPlain(args: readonly string[]): string[] {
  if (args[0] === ASKING) return [...args];
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  const mark = (arg: string): string => (arg.startsWith('-') ? MARK + arg : arg);
  return [...args.slice(0, end).map((arg) => (arg === '-' ? mark(arg) : arg)), ...args.slice(end + 1).map(mark)];
}

/** Takes the marks off again, and looks at what yargs lets pass. Throws UserError (usage). */
export function checkArguments(argv: Argv): void {
  for (const [name, value] of Object.entries(argv)) {
    argv[name] = Array.isArray(value) ? value.map(plain) : plain(value);
    // yargs has each name a second time in camel case.
    if (/[A-Z$]/.test(name)) continue;
    if (Array.isArray(value) && !MANY.includes(name)) throw new UserError(`--${name} is given twice`, 2);
    if (Number.isNaN(value)) throw new UserError(`${name} takes a number`, 2);
  }
}

function plain(value: unknown): unknown {
  return typeof value === 'string' && value.startsWith(MARK) ? value.slice(MARK.length) : value;
}
