import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import yargs from 'yargs';
import { PARSER } from '../../server/cli/options.js';
import { serveOptions } from '../../server/cli/serve-options.js';
import { VERBS } from '../../server/cli/verbs/verbs.js';
import { SYSTEM_STATE_DIR } from '../../server/state-dir.js';

const DEPLOY = fileURLToPath(new URL('../../deploy/', import.meta.url));
const UNITS = ['vitrine.service', 'vitrine-guests.service'];
const read = (name: string) => readFileSync(join(DEPLOY, name), 'utf8');

/** Values of a unit's setting, in order. */
const settings = (unit: string, name: string) =>
  read(`systemd/${unit}`)
    .split('\n')
    .filter((line) => line.startsWith(`${name}=`))
    .map((line) => line.slice(name.length + 1));

/** As the program itself parses its command line. */
async function parsesAsServe(args: readonly string[]): Promise<unknown> {
  return await serveOptions(yargs([...args]))
    .parserConfiguration(PARSER)
    .strict()
    .exitProcess(false)
    .fail((message) => {
      throw new Error(message);
    })
    .parseAsync();
}

test('the unit starts the service with options that there are', async () => {
  const [start = ''] = settings('vitrine.service', 'ExecStart');
  const options = settings('vitrine.service', 'Environment')
    .map((value) => /^"VITRINE_OPTIONS=(.*)"$/.exec(value)?.[1])
    .find((value) => value !== undefined);
  const line = start.replace('$VITRINE_OPTIONS', options!).split(' ');
  expect(line.slice(0, 3)).toEqual(['/usr/bin/env', 'vitrine', 'serve']);
  await expect(parsesAsServe(line.slice(3))).resolves.toMatchObject({ http: '127.0.0.1:8080' });
  await expect(parsesAsServe([...line.slice(3), '--nonsense'])).rejects.toThrow();
});

test('the unit keeps its state where commands look for it', () => {
  expect(settings('vitrine.service', 'StateDirectory')).toEqual([SYSTEM_STATE_DIR.replace('/var/lib/', '')]);
});

test('machines outlive the service and are saved by a command that there is', async () => {
  expect(settings('vitrine.service', 'KillMode')).toEqual(['process']);
  expect(settings('vitrine.service', 'RuntimeDirectoryPreserve')).toEqual(['yes']);
  const [stop = ''] = settings('vitrine-guests.service', 'ExecStop');
  const [, , command, option] = stop.split(' ');
  // Root, who stops it, may have a service of their own.
  expect(stop).toContain(` --state-dir ${SYSTEM_STATE_DIR}`);
  const save = VERBS.find((verb) => String(verb.command).startsWith(`${command} `))!;
  const help = await (save.builder as (argv: unknown) => ReturnType<typeof yargs>)(yargs([])).getHelp();
  expect(help).toContain(`${option} `);
});

test.runIf(existsSync('/usr/bin/systemd-analyze'))('systemd finds no fault with the units', () => {
  const root = mkdtempSync(join(tmpdir(), 'vitrine-units-'));
  try {
    for (const folder of ['etc/systemd/system', 'usr/bin']) mkdirSync(join(root, folder), { recursive: true });
    copyFileSync('/usr/bin/env', join(root, 'usr/bin/env'));
    for (const unit of UNITS) copyFileSync(join(DEPLOY, 'systemd', unit), join(root, 'etc/systemd/system', unit));
    const args = ['verify', '--man=no', '--recursive-errors=no', `--root=${root}`];
    const output = execFileSync('sh', ['-c', '"$0" "$@" 2>&1', 'systemd-analyze', ...args, ...UNITS], {
      encoding: 'utf8',
    });
    expect(output).toBe('');
  } finally {
    rmSync(root, { recursive: true });
  }
});

test('the image copies files that there are and starts the service with options that there are', async () => {
  const dockerfile = read('container/Dockerfile');
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files]) => files!.split(' '));
  for (const file of copied) expect(existsSync(join(DEPLOY, '..', file)), file).toBe(true);
  const command = JSON.parse(/^CMD (.*)$/m.exec(dockerfile)![1]!) as string[];
  await expect(parsesAsServe(command)).resolves.toMatchObject({ rdp: '0.0.0.0:3389' });
  const compose = parse(read('container/compose.yaml')) as { services: { vitrine: { command: string[] } } };
  await expect(parsesAsServe(compose.services.vitrine.command)).resolves.toMatchObject({ rdp: '0.0.0.0:3389' });
});
