#!/usr/bin/env node
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import yargs from 'yargs';
import { messageOf, UserError } from '../../src/base/errors.js';
import { suggest } from '../../src/catalog/suggest.js';
import { machineOptions } from './machine-options.js';
import { PARSER, runOptions } from './options.js';
import { serveOptions } from './serve-options.js';
import { asVBoxManage } from './vboxmanage/run.js';
import { commandLine, completesNames, namesOf } from './verbs/complete.js';
import { VERBS } from './verbs/verbs.js';
import { version } from './version.js';

/** Runs one command line; sets the exit code: 0 stopped as asked, 1 failed, 2 wrong usage. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    if (await completesNames(VERBS, args)) return;
    const ours = await asVBoxManage(args);
    if (ours === undefined) return;
    await yargs([...ours])
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
      .command(
        'machine <folder>',
        false,
        (argv) => machineOptions(argv),
        async (args) => (await import('./machine.js')).machine(args),
      )
      .command([...VERBS])
      .completion('completion', 'Print a script for the shell that completes commands and names')
      .demandCommand(1, 'say what to do, for instance: vitrine run --demo')
      .strict()
      .parserConfiguration(PARSER)
      .version(version())
      .wrap(Math.min(110, process.stdout.columns ?? 110))
      .fail((message, error) => {
        throw error ?? new UserError(usageText(message, args), 2);
      })
      .parseAsync();
  } catch (error) {
    process.exitCode = error instanceof UserError ? error.exitCode : 1;
    // A mistake of the user's is one line; a mistake of ours needs its stack.
    const text = error instanceof UserError || !(error instanceof Error) ? messageOf(error) : error.stack;
    process.stderr.write(`vitrine: ${text}\n`);
  }
}

const COMMANDS = ['run', 'serve', 'completion', ...VERBS.flatMap(namesOf)];

/** What is wrong with a command line, and where to look. */
function usageText(message: string, args: readonly string[]): string {
  const [command = '-'] = args;
  if (!command.startsWith('-') && !COMMANDS.includes(command)) {
    const meant = suggest(command, COMMANDS);
    return `there is no command ${command}; ${meant === undefined ? "see 'vitrine --help'" : `did you mean ${meant}?`}`;
  }
  const usage = message.startsWith('Not enough non-option') ? commandLine(VERBS, args) : undefined;
  if (usage !== undefined) return `something is missing: vitrine ${usage}`;
  const line = message.replace(/\s*\n\s*/g, ' ');
  const help = command.startsWith('-') ? 'vitrine --help' : `vitrine ${command} --help`;
  return `${line.charAt(0).toLowerCase()}${line.slice(1)}; see '${help}'`;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await main(process.argv.slice(2));
}
