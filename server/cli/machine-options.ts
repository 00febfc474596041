import type { Argv } from 'yargs';

/** `vitrine machine`: what the service starts for each machine; nobody else needs to know it. */
export function machineOptions(argv: Argv) {
  return argv
    .positional('folder', { type: 'string', demandOption: true, describe: 'The machine’s folder in the catalog' })
    .options({
      socket: { type: 'string', requiresArg: true, demandOption: true, describe: 'Private socket to serve it on' },
      'state-dir': { type: 'string', requiresArg: true, describe: 'Folder for what is known of this host' },
      'log-level': {
        choices: ['debug', 'info', 'warn', 'error', 'silent'] as const,
        default: 'info' as const,
        describe: 'Least level logged, as JSON on standard output',
      },
    });
}
export type MachineArgs = Awaited<ReturnType<typeof machineOptions>['argv']>;
