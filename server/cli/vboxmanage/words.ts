import { UserError } from '../../../src/base/errors.js';

/** A command line as VBoxManage takes it. */
export interface Words {
  /** What stands without a dash, in order. */
  readonly words: readonly string[];
  /** By names without dashes in small letters: `--vrde-port`, `--vrdeport` and `-vrdeport` are the same. */
  readonly options: readonly (readonly [name: string, value: string])[];
}

/** How many values an option takes behind it, where that is not one. */
export type Arity = (name: string, first: string | undefined) => number | undefined;

/** Throws UserError (usage) for an option without its value. Further values of one are joined by blanks. */
export function parseWords(args: readonly string[], arity: Arity = () => undefined): Words {
  const words: string[] = [];
  const options: [string, string][] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const [, dashed, given] = /^--?([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(arg) ?? [];
    if (dashed === undefined) {
      words.push(arg);
      continue;
    }
    const name = dashed.replaceAll('-', '').toLowerCase();
    if (given !== undefined) {
      options.push([name, given]);
      continue;
    }
    const count = arity(name, args[i + 1]) ?? 1;
    const values = args.slice(i + 1, i + 1 + count);
    if (values.length < count) throw new UserError(`${arg} needs a value`, 2);
    options.push([name, count === 0 ? 'on' : values.join(' ')]);
    i += count;
  }
  return { words, options };
}

/** These options stand alone. */
export function flags(...names: readonly string[]): Arity {
  return (name) => (names.includes(name) ? 0 : undefined);
}

/** The last one of this name. */
export function optionOf({ options }: Words, ...names: readonly string[]): string | undefined {
  return options.findLast(([name]) => names.includes(name))?.[1];
}

/** Throws UserError (usage). */
export function needOption(words: Words, command: string, name: string): string {
  const value = optionOf(words, name);
  if (value === undefined) throw new UserError(`${command} needs --${name}`, 2);
  return value;
}

/** The first word: which machine. Throws UserError (usage). */
export function machineIn({ words }: Words, command: string): string {
  const [machine] = words;
  if (machine === undefined) throw new UserError(`${command}: which machine?`, 2);
  return machine;
}

/** `on` and `off`. Throws UserError (usage). */
export function isOn(name: string, value: string): boolean {
  if (value === 'on' || value === 'off') return value === 'on';
  throw new UserError(`--${name} is on or off, not ${value}`, 2);
}

/** Throws UserError (usage). */
export function oneOf<T>(name: string, value: string, choices: Readonly<Record<string, T>>): T {
  const key = value.toLowerCase();
  if (Object.hasOwn(choices, key)) return choices[key] as T;
  throw new UserError(`--${name} ${value} is not known here: ${Object.keys(choices).join(', ')}`, 2);
}

/** Throws UserError (usage). */
export function number(name: string, value: string): number {
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw new UserError(`--${name} is a whole number, not ${value}`, 2);
}
