import type { Argv, CommandModule } from 'yargs';
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

/** A command that has commands. */
export function group(command: string, describe: string, verbs: readonly CommandModule[]): CommandModule {
  return {
    command,
    describe,
    builder: (argv) =>
      argv.command([...verbs] as CommandModule[]).demandCommand(1, `say what to do: see 'vitrine ${command} --help'`),
    handler: () => {},
  };
}

/** One line that says that it is done. */
export function done(data: unknown, text: string): Answer {
  return { data, text: `${text}\n` };
}
