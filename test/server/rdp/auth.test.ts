import { expect, test } from 'vitest';
import type { Login } from '../../../protocols/rdp/acceptor-events.js';
import { hintsOf, judge } from '../../../server/rdp/auth.js';
import { House } from './fixture.js';
import { stay } from './houses.js';

const desktop = { width: 1024, height: 768 };
const login = (user: string, domain = ''): Login => ({
  user,
  domain,
  password: 'secret',
  clientName: 'client',
  clientAddress: '',
  routing: undefined,
  preconnection: undefined,
  desktop,
});

test.each([
  ['alice', '', 'alice', {}],
  ['alice#vm', '', 'alice', { named: 'vm' }],
  ['vm\\alice', '', 'alice', { domain: 'vm' }],
  ['alice', 'vm', 'alice', { domain: 'vm' }],
])('with a front desk %s of domain %j is %s', async (user, domain, account, hints) => {
  const asked: (string | undefined)[] = [];
  const house = new House({
    required: true,
    checkPassword: async (name) => {
      asked.push(name);
      return { user: name! };
    },
    checkVncResponse: async () => undefined,
  });
  const host = { ...house.host, reception: stay };
  expect(await judge(login(user, domain), 'memory', host)).toEqual({ identity: { user: account } });
  expect(hintsOf(login(user, domain), undefined)).toEqual({ desktop, ...hints });
  expect(hintsOf(login(user, domain), 'vm.example')).toEqual({ desktop, ...hints, serverName: 'vm.example' });
  // Where there is one machine only, a name may have any sign in it.
  await judge(login(user, domain), 'memory', house.host);
  expect(asked).toEqual([account, user.replace('vm\\', '')]);
});
