import type { CommandModule } from 'yargs';
import { ROLES } from '../../../src/catalog/config.js';
import type { ApiClient } from '../../api/client.js';
import type { Group } from './verb.js';

/** How the scripts that yargs makes for shells ask. */
export const ASKING = '--get-yargs-completions';
/** Somebody waits with their finger on the key. */
const PATIENCE_MS = 2_000;
/** Their values are no words of the command. */
const WITH_VALUE = ['--server', '--token', '--ca', '--state-dir'];
/** What follows these is the shell's to complete. */
const FILES =
  /^--(cdrom|disk|floppy|kernel|initrd|password-file|current-password-file|metrics-token-file|ca|tls-cert|tls-key|state-dir|ready-file|like|unlike)$/;

type Ask = (api: ApiClient, words: readonly string[]) => Promise<readonly string[]>;

const users: Ask = async (api) => (await api.call('user.list', {})).map(({ name }) => name);

/** Who knows what a positional may be, by its name in the command. */
const SOURCES: Readonly<Record<string, Ask>> = {
  machine: async (api) => (await api.call('machine.list', {})).map(({ name }) => name),
  snapshot: async (api, [machine = '']) => (await api.call('snapshot.list', { machine })).map(({ name }) => name),
  session: async (api) => (await api.call('session.list', {})).map(({ id }) => id),
  id: async (api) => (await api.call('ticket.list', {})).map(({ id }) => id),
  subject: async (api) => {
    const all = await api.call('user.list', {});
    const groups = new Set(all.flatMap((user) => user.groups));
    return [...all.map(({ name }) => name), ...[...groups].map((name) => `@${name}`)];
  },
  user: users,
  role: async () => ROLES,
  // Files: nothing from us, so that the shell completes them.
  file: async () => [],
};

export interface Sought {
  /** The positional's name. */
  readonly positional: string;
  /** What stands before it, from the command's first positional on. */
  readonly before: readonly string[];
}

/** Which positional of which command the last of these words begins; undefined for everything else. */
export function soughtBy(verbs: readonly CommandModule[], words: readonly string[]): Sought | undefined {
  const plain = words.filter((word, i) => !word.startsWith('-') && !WITH_VALUE.includes(words[i - 1] ?? ''));
  const last = words.at(-1) ?? '';
  // An option, or an option's value.
  if (last.startsWith('-') || words.at(-2)?.startsWith('--')) return undefined;
  const [name = '', ...rest] = plain;
  const verb = verbs.find((each) => namesOf(each).includes(name));
  if (verb === undefined || rest.length === 0) return undefined;
  if (isGroup(verb)) return soughtBy(verb.verbs, rest);
  const spec = commandsOf(verb)[0]!;
  const positionals = [...spec.matchAll(/[<[](\w+)(\.\.)?[>\]]/g)];
  const at = positionals[rest.length - 1] ?? (positionals.at(-1)?.[2] === undefined ? undefined : positionals.at(-1));
  return at && { positional: at[1]!, before: rest.slice(0, -1) };
}

/**
 * Answers the shell's question (`--get-yargs-completions vitrine WORDS…`) where it is the service that knows: names of
 * machines, users and the like. False for everything else, which yargs knows.
 */
export async function completesNames(verbs: readonly CommandModule[], args: readonly string[]): Promise<boolean> {
  if (args[0] !== ASKING) return false;
  const words = args.slice(2);
  if (FILES.test(words.at(-2) ?? '')) return true;
  const sought = soughtBy(verbs, words);
  const source = sought && SOURCES[sought.positional];
  if (source === undefined) return false;
  const names = await asked((api) => source(api, sought!.before), words);
  process.stdout.write(names.map((name) => `${name}\n`).join(''));
  return true;
}

async function asked(ask: (api: ApiClient) => Promise<readonly string[]>, words: readonly string[]) {
  const { connectService } = await import('./connect.js');
  const stateDir = optionValue('--state-dir', words);
  const server = optionValue('--server', words);
  const token = optionValue('--token', words);
  const ca = optionValue('--ca', words);
  let api: ApiClient | undefined;
  const timer = setTimeout(() => api?.close(), PATIENCE_MS);
  try {
    api = await connectService({
      ...(stateDir !== undefined && { stateDir }),
      ...(server !== undefined && { server }),
      ...(token !== undefined && { token }),
      ...(ca !== undefined && { ca }),
    });
    return await ask(api);
  } catch {
    // No service, no names: a shell's line is no place for messages.
    return [];
  } finally {
    clearTimeout(timer);
    api?.close();
  }
}

function optionValue(option: string, words: readonly string[]): string | undefined {
  const at = words.indexOf(option);
  if (at >= 0) return words[at + 1];
  return words.find((word) => word.startsWith(`${option}=`))?.slice(option.length + 1);
}
/** The command that these words begin, as the help writes it: `role grant <machine> <subject> <role>`. */
export function commandLine(
  verbs: readonly CommandModule[],
  [name = '', ...rest]: readonly string[],
): string | undefined {
  const verb = verbs.find((each) => namesOf(each).includes(name));
  if (verb === undefined) return undefined;
  if (!isGroup(verb)) return commandsOf(verb)[0];
  const line = commandLine(verb.verbs, rest);
  return line && `${name} ${line}`;
}

function isGroup(verb: CommandModule): verb is Group {
  return 'verbs' in verb;
}
function commandsOf({ command }: CommandModule): readonly string[] {
  return [command ?? []].flat();
}
/** A command's name and its other names. */
export function namesOf(verb: CommandModule): readonly string[] {
  return commandsOf(verb).map((spec) => spec.split(' ', 1)[0]!);
}
