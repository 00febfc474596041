import type { Argv, CommandModule } from 'yargs';
import { messageOf, UserError } from '../../../src/base/errors.js';
import type { ApiClient } from '../../api/client.js';
import type { ServiceArgs } from './service-args.js';

const GROUP = 'Service';

export function serviceOptions(argv: Argv): Argv<ServiceArgs> {
  return argv
    .option('server', {
      type: 'string',
      requiresArg: true,
      describe: 'The service: https://HOST:PORT (or VITRINE_SERVER); the one on this host unless given',
      group: GROUP,
    })
    .option('token', {
      type: 'string',
      requiresArg: true,
      describe: 'Its bearer token (or VITRINE_TOKEN)',
      group: GROUP,
    })
    .option('ca', {
      type: 'string',
      requiresArg: true,
      describe: 'The certificate to trust there, PEM (or VITRINE_CA): tls.pem of its state folder, for one',
      group: GROUP,
    })
    .option('state-dir', { type: 'string', requiresArg: true, describe: 'State folder of the service', group: GROUP })
    .option('json', {
      type: 'boolean',
      default: false,
      describe: 'Answer as JSON',
      group: GROUP,
    }) as unknown as Argv<ServiceArgs>;
}

/** What a command has found out: `data` for programs, `text` for people. */
export interface Answer {
  readonly data: unknown;
  readonly text: string;
  /** Where it was done for some and not for others: why not, a line each. */
  readonly failed?: readonly string[];
}

/**
 * A command that asks the service. `build` adds its own arguments; `ask` gets the service and them.
 * What `ask` returns is printed, as JSON where that is wanted; nothing is printed for undefined.
 */
export function verb<A extends object>(
  command: string | readonly string[],
  describe: string | false,
  build: (argv: Argv<ServiceArgs>) => Argv<ServiceArgs & A>,
  ask: (api: ApiClient, args: ServiceArgs & A) => Promise<Answer | undefined>,
): CommandModule<object, object> {
  return {
    command,
    describe,
    builder: (argv) => build(serviceOptions(argv)),
    handler: async (args) => {
      const given = args as unknown as ServiceArgs & A;
      // Loaded on use: the help should wait for nothing.
      const { connectService } = await import('./connect.js');
      const api = await connectService(given);
      try {
        const answer = await ask(api, given);
        if (answer === undefined) return;
        process.stdout.write(given.json ? `${JSON.stringify(answer.data, undefined, 2)}\n` : answer.text);
        if (answer.failed !== undefined && answer.failed.length > 0)
          throw new UserError(answer.failed.join('\nvitrine: '));
      } finally {
        api.close();
      }
    },
  };
}

export interface OnMachine {
  readonly machine: string;
}

export function onMachine<A>(argv: Argv<A>): Argv<A & OnMachine> {
  return argv.positional('machine', { type: 'string', demandOption: true, describe: 'Name of the machine' }) as never;
}

export interface OnMachines {
  readonly machine: readonly string[];
}

export function onMachines<A>(argv: Argv<A>): Argv<A & OnMachines> {
  return argv.positional('machine', {
    type: 'string',
    array: true,
    demandOption: true,
    describe: 'Name of the machine, or of several',
  }) as never;
}

/** Does it for each, one after the other: what fails for one does not keep it from the next. */
export async function forEach<T>(
  names: readonly string[],
  act: (name: string) => Promise<T>,
): Promise<{ readonly results: readonly T[]; readonly failed: readonly string[] }> {
  const results: T[] = [];
  const errors: unknown[] = [];
  for (const name of names) {
    try {
      results.push(await act(name));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      errors.push(error);
    }
  }
  if (results.length === 0 && errors.length === 1) throw errors[0];
  return { results, failed: errors.map(messageOf) };
}

/** One name: the thing; several: a list of them. */
export function oneOrAll<T>(names: readonly string[], results: readonly T[]): T | readonly T[] | undefined {
  return names.length === 1 ? results[0] : results;
}

export interface Group extends CommandModule {
  readonly verbs: readonly CommandModule[];
}

/** A command that has commands. */
export function group(command: string, describe: string, verbs: readonly CommandModule[]): Group {
  const names = verbs.map((each) => String(each.command).split(' ', 1)[0]);
  return {
    command,
    describe,
    verbs,
    builder: (argv) =>
      argv.command([...verbs] as CommandModule[]).demandCommand(1, `say what to do: ${names.join(', ')}`),
    handler: () => {},
  };
}

/** One line that says that it is done. */
export function done(data: unknown, text: string): Answer {
  return { data, text: `${text}\n` };
}
