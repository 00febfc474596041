#!/usr/bin/env node
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import yargs from 'yargs';
import { messageOf, UserError } from '../../src/base/errors.js';
import { checkArguments, markPlain } from './arguments.js';
import { reportFailure } from './failure.js';
import { PARSER, runOptions } from './options.js';
import { serveOptions } from './serve-options.js';
import { usageText } from './usage.js';
import { asVBoxManage } from './vboxmanage/run.js';
import { completesNames } from './verbs/complete.js';
import { VERBS } from './verbs/verbs.js';
import { version } from './version.js';

/** They go on for as long as nobody ends them. */
const SERVERS = ['run', 'serve'];

/** Runs one command line; sets the exit code: 0 stopped as asked, 1 failed, 2 wrong usage. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    if (await completesNames(VERBS, args)) return;
    const ours = await asVBoxManage(args);
    if (ours === undefined) return;
    await yargs(markPlain(ours))
      .scriptName('vitrine')
      .command(
        'run',
        'Boot one machine headless and serve its screen',
        (argv) => runOptions(argv),
        // Loaded on use: the help should not wait for servers and engines.
        async (options) => (await import('./run.js')).run(options),
      )
      .command(
        'serve',
        'Serve all machines of this host',
        (argv) => serveOptions(argv),
        async (options) => (await import('./serve.js')).serve(options),
      )
      .command([...VERBS])
      .completion('completion', 'Print a script for the shell that completes commands and names')
      .demandCommand(1, 'say what to do, for instance: vitrine run --demo')
      .middleware(checkArguments, true)
      .strict()
      .parserConfiguration(PARSER)
      .version(version())
      .wrap(Math.min(110, process.stdout.columns || 110))
      .fail((message, error) => {
        throw error ?? new UserError(usageText(VERBS, ours, message), 2);
      })
      .parseAsync();
  } catch (error) {
    reportFailure(error);
  }
}

/** The same for a process of its own. */
export async function program(args: readonly string[]): Promise<void> {
  endWithReader(args);
  await main(args);
}

/** Whoever reads what is printed may have seen enough (`| head -1`): a command ends with them, a server does not. */
function endWithReader([command = '']: readonly string[]): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (SERVERS.includes(command)) return;
    if (error.code === 'EPIPE') process.exit();
    process.stderr.write(`vitrine: cannot write the output: ${messageOf(error)}\n`);
    process.exit(1);
  });
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await program(process.argv.slice(2));
}
