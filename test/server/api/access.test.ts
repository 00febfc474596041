import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Access, Operation } from '../../../server/api/operation.js';
import { OPERATIONS, type OperationName } from '../../../server/api/operations.js';
import { isInQuery, paramsSchema } from '../../../server/api/params.js';
import { API_PREFIX } from '../../../server/api/routes.js';
import type { Identity } from '../../../server/auth/credentials.js';
import { openApi } from './fixture.js';

type Verdict = 'allowed' | 401 | 403 | 404;
const VISITOR = { machine: 'desk' } as const;

/** Who asks, and what is theirs: the kinds of access that let them in; 'hidden' where the machine must not be seen. */
const CALLERS: Readonly<
  Record<string, { readonly identity?: Identity; readonly may: readonly Access[]; readonly isBlind?: true }>
> = {
  nobody: { may: ['anybody'], isBlind: true },
  'a user without a role': { identity: { user: 'stranger' }, may: ['anybody', 'visitor', 'user'], isBlind: true },
  'who has the role view': { identity: { user: 'viewer' }, may: ['anybody', 'visitor', 'user', 'view'] },
  'who has the role use': { identity: { user: 'driver' }, may: ['anybody', 'visitor', 'user', 'view', 'use'] },
  'who has the role operate': {
    identity: { user: 'operator' },
    may: ['anybody', 'visitor', 'user', 'view', 'use', 'operate'],
  },
  'who has the role admin': {
    identity: { user: 'owner' },
    may: ['anybody', 'visitor', 'user', 'view', 'use', 'operate', 'admin'],
  },
  'an administrator': {
    identity: { user: 'admin' },
    may: ['anybody', 'visitor', 'user', 'view', 'use', 'operate', 'admin', 'host-admin'],
  },
  'a ticket for this machine': { identity: { user: 'owner', ...VISITOR }, may: ['anybody', 'visitor', 'view', 'use'] },
  'a ticket to watch this machine': {
    identity: { user: 'owner', ...VISITOR, rights: 'view' },
    may: ['anybody', 'visitor', 'view'],
  },
  'an administrator’s ticket for this machine': {
    identity: { user: 'admin', ...VISITOR, rights: 'control' },
    may: ['anybody', 'visitor', 'view', 'use'],
  },
  'a guest’s ticket for this machine': {
    identity: { user: 'guest', ...VISITOR, rights: 'view', grantedBy: 'admin' },
    may: ['anybody', 'visitor', 'view'],
  },
  'a viewer’s ticket for this machine': {
    identity: { user: 'viewer', ...VISITOR, rights: 'control' },
    may: ['anybody', 'visitor', 'view'],
  },
  'a stranger’s ticket for this machine': {
    identity: { user: 'stranger', ...VISITOR },
    may: ['anybody', 'visitor'],
    isBlind: true,
  },
  'a ticket for another machine': {
    identity: { user: 'owner', machine: 'lab' },
    may: ['anybody', 'visitor'],
    isBlind: true,
  },
};

const ROLES: readonly Access[] = ['view', 'use', 'operate', 'admin'];

function expected({ access }: Operation, { identity, may, isBlind }: (typeof CALLERS)[string]): Verdict {
  if (may.includes(access)) return 'allowed';
  if (identity === undefined) return 401;
  return isBlind === true && ROLES.includes(access) ? 404 : 403;
}

/** The smallest value that a schema takes. */
function sample(schema: Readonly<Record<string, unknown>>): unknown {
  if (Array.isArray(schema.enum)) return schema.enum[0];
  switch (schema.type) {
    case 'string':
      return 'x';
    case 'integer':
      return 1;
    case 'boolean':
      return true;
    case 'array':
      return [];
    default:
      return {};
  }
}

let api: Awaited<ReturnType<typeof openApi>>;
const tokens = new Map<string, Record<string, string>>();

beforeAll(async () => {
  api = await openApi();
  for (const [kind, { identity }] of Object.entries(CALLERS)) {
    tokens.set(kind, identity === undefined ? {} : api.tokenOf(identity));
  }
});

afterAll(() => api.close());

function questionFor(operation: Operation): { path: string; method: string; body?: unknown } {
  const path = operation.path.replace('{machine}', 'desk').replaceAll(/\{\w+\}/g, 'x');
  const { required } = paramsSchema(operation) as { required: readonly string[] };
  const params = Object.fromEntries(required.map((name) => [name, sample(operation.params[name]!)]));
  if (!isInQuery(operation)) return { path: API_PREFIX + path, method: operation.method, body: params };
  return {
    path: `${API_PREFIX}${path}?${new URLSearchParams(params as Record<string, string>)}`,
    method: operation.method,
  };
}

const cases = Object.entries(OPERATIONS).flatMap(([name, operation]) =>
  Object.keys(CALLERS).map((kind) => [name as OperationName, kind, expected(operation, CALLERS[kind]!)] as const),
);

test.each(cases)('%s, asked for by %s: %s', async (name, kind, verdict) => {
  // A caller's requests are counted; here everybody makes them at once.
  api.clock.advance(1_000);
  const { path, method, body } = questionFor(OPERATIONS[name]);
  api.calls.length = 0;
  const headers = tokens.get(kind)!;
  if (name === 'host.events' && verdict === 'allowed') {
    const response = await fetch(`http://127.0.0.1:${api.port}${path}`, { headers });
    expect(response.status).toBe(200);
    await response.body?.cancel();
    return;
  }
  const answer = await api.ask(path, { method, headers, ...(body !== undefined && { body }) });
  if (verdict !== 'allowed') {
    expect(answer.status).toBe(verdict);
    expect(api.calls).toEqual([]);
  } else if (name === 'auth.login') {
    // Nobody's password: they were let in as far as to be told so.
    expect(answer.body).toMatchObject({
      type: '/problems/bad-request',
      detail: expect.stringContaining('a login takes'),
    });
  } else {
    expect(answer.status).toBe(200);
    const { user } = CALLERS[kind]!.identity ?? { user: undefined };
    if (name !== 'auth.logout') expect(api.calls).toMatchObject([{ name, caller: { user } }]);
    // It was the end of their login.
    else if (user !== undefined) tokens.set(kind, api.tokenOf(CALLERS[kind]!.identity!));
  }
});

test('a machine that is hidden and one that is not there are told apart by nobody but administrators', async () => {
  for (const { path, method } of Object.values(OPERATIONS).filter(({ path }) =>
    path.startsWith('/machines/{machine}'),
  )) {
    const ask = (machine: string, kind: string) =>
      api.ask(API_PREFIX + path.replace('{machine}', machine).replaceAll(/\{\w+\}/g, 'x'), {
        method,
        headers: tokens.get(kind)!,
      });
    for (const kind of ['who has the role operate', 'a ticket for this machine']) {
      api.clock.advance(10_000);
      const [hidden, missing] = [await ask('lab', kind), await ask('none', kind)];
      expect(hidden.status).toBe(404);
      expect(hidden.text.replaceAll('lab', 'none')).toBe(missing.text);
      expect({ ...hidden.headers, 'content-length': '', date: '' }).toEqual({
        ...missing.headers,
        'content-length': '',
        date: '',
      });
    }
  }
});

test('names that are no machine’s do not get as far as an operation', async () => {
  api.calls.length = 0;
  api.clock.advance(10_000);
  for (const name of ['..', '%2e%2e', '..%2f..%2fetc', 'a%00b', '-rf', '%20', 'x'.repeat(64)]) {
    const answer = await api.ask(`${API_PREFIX}/machines/${name}`, { headers: tokens.get('an administrator')! });
    expect(answer.status, name).toBe(404);
  }
  expect(api.calls).toEqual([]);
});

test('the holder of a ticket cannot ask for a screen as somebody else', async () => {
  const path = `${API_PREFIX}/machines/desk/console`;
  for (const kind of ['an administrator’s ticket for this machine', 'a ticket for this machine']) {
    const answer = await api.ask(path, { method: 'POST', headers: tokens.get(kind)!, body: { user: 'viewer' } });
    expect(answer.status).toBe(403);
  }
  const answer = await api.ask(path, {
    method: 'POST',
    headers: tokens.get('an administrator')!,
    body: { user: 'viewer' },
  });
  expect(answer.status).toBe(200);
});

test('what somebody has tried to change and may not is written down', async () => {
  api.audits.length = 0;
  await api.ask(`${API_PREFIX}/machines/desk/stop`, { method: 'POST', headers: tokens.get('who has the role use')! });
  await api.ask(`${API_PREFIX}/machines/desk/log`, { headers: tokens.get('who has the role use')! });
  expect(api.audits).toEqual([
    {
      action: 'refused',
      ok: false,
      user: 'driver',
      remote: '127.0.0.1',
      machine: 'desk',
      detail: 'machine.stop: that takes the role operate for desk; yours is use',
    },
  ]);
});
