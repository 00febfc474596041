import { expect, test } from 'vitest';
import { accountName, parseLoginName } from '../../../server/session/login-name.js';

test.each([
  ['alice', '', { user: 'alice' }],
  ['alice#vm', '', { user: 'alice', named: 'vm' }],
  ['vm\\alice', '', { user: 'alice', domain: 'vm' }],
  ['alice', 'vm', { user: 'alice', domain: 'vm' }],
  ['typed\\alice', 'field', { user: 'alice', domain: 'typed' }],
  ['host\\alice#vm', '', { user: 'alice', named: 'vm', domain: 'host' }],
  ['.\\alice', '', { user: 'alice', domain: '.' }],
  ['a#b#vm', '', { user: 'a#b', named: 'vm' }],
  ['alice#', '', { user: 'alice' }],
  ['#vm', '', { user: '', named: 'vm' }],
  ['\\alice', '', { user: 'alice' }],
  ['', '', { user: '' }],
])('%j with domain %j', (name, domain, expected) => {
  expect(parseLoginName(name, domain)).toEqual(expected);
});

test('where no machine can be named, only a domain is taken off', () => {
  expect(accountName('host\\a#b')).toBe('a#b');
});
