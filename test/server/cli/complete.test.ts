import { expect, test } from 'vitest';
import { commandLine, soughtBy } from '../../../server/cli/verbs/complete.js';
import { VERBS } from '../../../server/cli/verbs/verbs.js';

/** The cursor stands behind the last character; a blank there begins a word. */
const sought = (line: string) => soughtBy(VERBS, line.split(' '));

test.each([
  ['start ', 'machine', []],
  ['start desk-1 d', 'machine', ['desk-1']],
  ['rm ', 'machine', []],
  ['--state-dir /srv/vitrine start d', 'machine', []],
  ['start --state-dir /srv/vitrine d', 'machine', []],
  ['snapshot restore desk-1 ', 'snapshot', ['desk-1']],
  ['role grant desk-1 @st', 'subject', ['desk-1']],
  ['user set ', 'user', []],
  ['kick ', 'session', []],
  ['import ', 'file', []],
] as const)('%s seeks', (line, positional, before) => {
  expect(sought(line)).toEqual({ positional, before });
});

test.each(['', 'sta', 'user ', 'list', 'nonsense ', 'show desk-1 more ', 'show --', 'clone desk-1 --snapshot '])(
  '%j is not for the service to say',
  (line) => {
    expect(sought(line)).toBeUndefined();
  },
);

test('how a command is written', () => {
  expect(commandLine(VERBS, ['role', 'grant'])).toBe('role grant <machine> <subject> <role>');
  expect(commandLine(VERBS, ['ls'])).toBe('list [kind]');
  expect(commandLine(VERBS, ['user', 'nonsense'])).toBeUndefined();
});
