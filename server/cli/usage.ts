import type { CommandModule } from 'yargs';
import { suggest } from '../../src/catalog/suggest.js';
import { commandLine, namesOf } from './verbs/complete.js';
import type { Group } from './verbs/verb.js';

/** Commands that are not of the table. */
const OTHERS = ['run', 'serve', 'completion'];

/** What is wrong with a command line, and where to look. `message` is what yargs has to say. */
export function usageText(verbs: readonly CommandModule[], args: readonly string[], message: string): string {
  const [command = '-'] = args;
  const help = command.startsWith('-') ? 'vitrine --help' : `vitrine ${command} --help`;
  const stray = strayIn(verbs, args);
  if (stray !== undefined) {
    const { name, before, known } = stray;
    const meant = suggest(name, known);
    const whole = (last: string): string => [...before, last].join(' ');
    const remedy =
      meant === undefined ? `see '${['vitrine', ...before].join(' ')} --help'` : `did you mean ${whole(meant)}?`;
    return `there is no command ${whole(name)}; ${remedy}`;
  }
  const usage = message.startsWith('Not enough non-option') ? commandLine(verbs, args) : undefined;
  if (usage !== undefined) return `something is missing: vitrine ${usage}`;
  const line = withoutCamelCase(message.replace(/\s*\n\s*/g, ' '));
  return `${line.charAt(0).toLowerCase()}${line.slice(1)}; see '${help}'`;
}

interface Stray {
  readonly name: string;
  readonly before: readonly string[];
  readonly known: readonly string[];
}

/** The word that should be a command and is none. */
function strayIn(
  verbs: readonly CommandModule[],
  [name, ...rest]: readonly string[],
  before: readonly string[] = [],
): Stray | undefined {
  if (name === undefined || name.startsWith('-')) return undefined;
  const verb = verbs.find((each) => namesOf(each).includes(name));
  if (verb !== undefined) return 'verbs' in verb ? strayIn((verb as Group).verbs, rest, [...before, name]) : undefined;
  const known = [...(before.length === 0 ? OTHERS : []), ...verbs.flatMap(namesOf)];
  return known.includes(name) ? undefined : { name, before, known };
}

/** `Unknown arguments: dry-run, dryRun` names one thing twice. */
function withoutCamelCase(message: string): string {
  const [, list] = /^Unknown arguments: (.*)$/.exec(message) ?? [];
  if (list === undefined) return message;
  const names = list.split(', ');
  const camel = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const told = names.filter((name) => !names.some((other) => other !== name && camel(other) === name));
  return `Unknown argument${told.length === 1 ? '' : 's'}: ${told.join(', ')}`;
}
