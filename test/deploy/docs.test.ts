import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import yargs, { type Argv, type CommandModule } from 'yargs';
import { runOptions } from '../../server/cli/options.js';
import { serveOptions } from '../../server/cli/serve-options.js';
import { namesOf } from '../../server/cli/verbs/complete.js';
import type { Group } from '../../server/cli/verbs/verb.js';
import { VERBS } from '../../server/cli/verbs/verbs.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGES = ['README.md', 'ARCHITECTURE.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)].filter(
  (name) => name.endsWith('.md'),
);
const text = (page: string) => readFileSync(join(ROOT, page), 'utf8');

test.each(PAGES)('links and pictures of %s are there', (page) => {
  for (const [, target = ''] of text(page).matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
    if (!/^https?:/.test(target)) expect(existsSync(join(ROOT, dirname(page), target)), target).toBe(true);
  }
});

/** Command lines in blocks of code and between backquotes. */
function commandLines(page: string): string[] {
  const blocks = [...text(page).matchAll(/^```\w*\n(.*?)^```/gms)].flatMap(([, block]) => block!.split('\n'));
  const inline = [...text(page).matchAll(/`(vitrine [^`]+)`/g)].map(([, line]) => line!);
  return [...blocks, ...inline]
    .map((line) => line.replace(/\s#.*/, ''))
    .flatMap((line) =>
      [...line.matchAll(/(?:^|[(&]\s*|exec vitrine )vitrine ([^&|)>]+)/g)].map(([, rest]) => rest!.trim()),
    );
}

/** What its help says. */
async function helpOf([name = '', ...rest]: readonly string[], verbs: readonly CommandModule[]): Promise<string> {
  if (name === 'run') return await runOptions(yargs([])).getHelp();
  if (name === 'serve') return await serveOptions(yargs([])).getHelp();
  const verb = verbs.find((each) => namesOf(each).includes(name));
  if (verb === undefined) throw new Error(`there is no command ${name}`);
  if ('verbs' in verb) return rest.length === 0 ? '' : helpOf(rest, (verb as Group).verbs);
  return await (verb.builder as (argv: Argv) => Argv)(yargs([])).getHelp();
}

// The architecture speaks of commands that are for no one to type.
test.each(PAGES.filter((page) => page !== 'ARCHITECTURE.md'))(
  'commands of %s are there, with their options',
  async (page) => {
    for (const line of commandLines(page)) {
      // Not of the table: yargs' own.
      if (line.startsWith('completion')) continue;
      const words = line.split(/\s+/).filter((word) => !word.startsWith('-'));
      const help = await helpOf(line.startsWith('-') ? words.slice(-1) : words, VERBS);
      for (const [option] of line.matchAll(/--[a-z][a-z-]*/g)) expect(help, `vitrine ${line}`).toContain(`${option} `);
    }
  },
);

test('there are command lines to check', () => {
  expect(commandLines('README.md').length).toBeGreaterThan(10);
  expect(commandLines('docs/scripting.md').length).toBeGreaterThan(10);
});
