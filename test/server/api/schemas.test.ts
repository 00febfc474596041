import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { resultSchema } from '../../../server/api/openapi.js';
import type { Caller, Operations } from '../../../server/api/operation-types.js';
import { OPERATIONS } from '../../../server/api/operations.js';
import { SCHEMAS } from '../../../server/api/schemas.js';
import { fakeOperations, NOW } from './fake-operations.js';
import { apiForTest } from './fixture.js';

const ajv = new Ajv2020({
  strict: false,
  allErrors: true,
  formats: { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, 'uri-reference': true },
});
const check = (schema: object, value: unknown): unknown => {
  const validate = ajv.compile({ ...schema, components: { schemas: SCHEMAS } });
  return validate(value) ? [] : validate.errors;
};
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
  const { openApiDocument } = await import('../../../server/api/openapi.js');
  const references = [...JSON.stringify(openApiDocument('1')).matchAll(/"#\/components\/schemas\/(\w+)"/g)];
  expect(references.length).toBeGreaterThan(20);
  for (const [, name] of references) expect(Object.keys(SCHEMAS)).toContain(name);
});
