import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { EVENT_SCHEMAS } from '../../../server/api/event-schemas.js';
import { openApiDocument, resultSchema } from '../../../server/api/openapi.js';
import type { Caller, Operations } from '../../../server/api/operation-types.js';
import { OPERATIONS } from '../../../server/api/operations.js';
import { SCHEMAS } from '../../../server/api/schemas.js';
import type { ServiceEvent } from '../../../server/api/views.js';
import { fakeOperations, machineView, NOW } from './fake-operations.js';
import { apiForTest } from './fixture.js';

const ajv = new Ajv2020({
  strict: false,
  allErrors: true,
  formats: {
    int64: true,
    double: true,
    binary: true,
    'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
    'uri-reference': true,
  },
});
const check = (schema: object, value: unknown, schemas: object = SCHEMAS): unknown => {
  const validate = ajv.compile({ ...schema, components: { schemas } });
  return validate(value) ? [] : validate.errors;
};
interface Document {
  readonly components: {
    readonly schemas: Record<string, object>;
    readonly securitySchemes: { readonly cookie: { readonly name: string } };
  };
  readonly paths: Record<
    string,
    Record<
      string,
      {
        readonly security?: unknown;
        readonly responses: Record<number, { readonly content: Record<string, { schema: Record<string, unknown> }> }>;
      }
    >
  >;
}
const document = openApiDocument('1.2.3', 'vitrine-c0ffee') as Document;
const { operations } = fakeOperations();
const caller: Caller = { user: 'admin', admin: true, groups: [], remote: 'local' };

test.each(Object.keys(operations) as (keyof Operations)[])('what %s answers is what its schema says', async (name) => {
  const answer = await (operations[name] as (...all: unknown[]) => Promise<unknown>)(caller, {});
  const { produces } = OPERATIONS[name] as { produces?: string };
  const told = produces?.startsWith('image/') ? Buffer.from(answer as Uint8Array).toString('latin1') : answer;
  expect(check(resultSchema(OPERATIONS[name]), JSON.parse(JSON.stringify(told)))).toEqual([]);
});

test.each(Object.entries(SCHEMAS).filter(([name]) => !['MachineConfig', 'AccessView', 'Problem'].includes(name)))(
  '%s says no to what is missing and to what is too much',
  async (name) => {
    const found = Object.entries(OPERATIONS).find(([, { result }]) => result === name || result === `${name}[]`);
    const answer =
      found?.[0] === 'auth.login'
        ? { user: 'alice', admin: true, token: null, expiresAt: NOW, machine: null }
        : await (operations[found![0] as keyof Operations] as (...all: unknown[]) => Promise<unknown>)(caller, {});
    const whole = (Array.isArray(answer) ? answer[0] : answer) as Record<string, unknown>;
    const schema = { $ref: `#/components/schemas/${name}` };
    expect(check(schema, whole)).toEqual([]);
    expect(check(schema, { ...whole, extra: 1 })).not.toEqual([]);
    for (const field of Object.keys(whole)) {
      const { [field]: _, ...rest } = whole;
      expect(check(schema, rest), `without ${field}`).not.toEqual([]);
    }
  },
);

test('the document is OpenAPI, has every operation once, and is open to anybody', async () => {
  const api = await apiForTest();
  const answer = await api.ask('/api/v1/openapi.json');
  expect(answer.headers['content-type']).toBe('application/json');
  const { valid, errors } = await new Validator().validate(answer.body as Record<string, unknown>);
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
  const { openapi, info, paths } = answer.body as {
    openapi: string;
    info: { version: string };
    paths: Record<string, Record<string, { operationId: string }>>;
  };
  expect([openapi, info.version]).toEqual(['3.1.0', '1.2.3']);
  const ids = Object.values(paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId));
  expect(ids.sort()).toEqual(Object.keys(OPERATIONS).sort());
  const tag = answer.headers.etag!;
  expect((await api.ask('/api/v1/openapi.json', { headers: { 'if-none-match': tag } })).status).toBe(304);
});

test('every reference in the document leads somewhere', async () => {
  const { components } = document;
  const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)];
  expect(references.length).toBeGreaterThan(20);
  for (const [, name] of references) expect(Object.keys(components.schemas)).toContain(name);
});

/** Every schema in the document, however deep, with where it stands. */
function* schemasIn(value: unknown, path: string): Generator<[path: string, schema: Record<string, unknown>]> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield [path, value as Record<string, unknown>];
  for (const [key, inner] of Object.entries(value)) yield* schemasIn(inner, `${path}/${key}`);
}

// What generators of clients stumble over: without a type they make `any` of it, and of an integer 32 bits.
test('every enumeration has a type, and every answer', () => {
  for (const [path, schema] of schemasIn(document.components.schemas, '')) {
    if (Array.isArray(schema.enum)) expect(schema.type, path).toBeDefined();
    if (/Bytes$/.test(path) && schema.minimum === 0) expect(schema.format, path).toBe('int64');
  }
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, { responses }] of Object.entries(methods)) {
      for (const { schema } of Object.values(responses[200]!.content)) {
        const isTyped = schema.type !== undefined || schema.$ref !== undefined;
        expect(isTyped, `${method} ${path}`).toBe(true);
      }
    }
  }
});

test('answers may have more fields one day, definitions have those that there are', () => {
  const { MachineConfig, ...views } = document.components.schemas;
  expect(JSON.stringify(views)).not.toContain('"additionalProperties":false');
  expect(MachineConfig).toEqual(SCHEMAS.MachineConfig);
});

test('a client that sends its token ends its login by it; one without may log in', () => {
  const optional = [{}, { bearer: [] }, { cookie: [] }];
  expect(document.paths['/logout']!.post!.security).toEqual(optional);
  expect(document.paths['/login']!.post!.security).toEqual(optional);
  expect(document.paths['/machines']!.get!.security).toBeUndefined();
  expect(document.components.securitySchemes.cookie.name).toBe('vitrine-c0ffee');
});

const EVENTS: readonly ServiceEvent[] = [
  { type: 'machine', machine: machineView('desk') },
  { type: 'machine-gone', name: 'desk' },
  { type: 'sessions', machine: 'desk', sessions: [] },
  { type: 'screen', machine: 'desk', version: 7 },
  { type: 'ready' },
];
test.each(EVENTS.map((event) => [event.type, event] as const))(
  'the event %s is what its schema says',
  (type, event) => {
    const known = { ...SCHEMAS, ...EVENT_SCHEMAS };
    const { mapping } = EVENT_SCHEMAS.ServiceEvent!.discriminator as { mapping: Record<string, string> };
    for (const $ref of ['#/components/schemas/ServiceEvent', mapping[type]!]) {
      expect(check({ $ref }, event, known)).toEqual([]);
      for (const field of Object.keys(event)) {
        const { [field]: _, ...rest } = event as unknown as Record<string, unknown>;
        expect(check({ $ref }, rest, known), `without ${field}`).not.toEqual([]);
      }
    }
  },
);
