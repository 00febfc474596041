import type { IncomingMessage } from 'node:http';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { Problem } from '../../src/base/errors.js';
import { checkConfig } from '../../src/catalog/check.js';
import { fieldName } from '../../src/catalog/finding.js';
import { LIMITS } from '../limits.js';
import type { Operation, Schema } from './operation.js';
import { HttpProblem } from './problem.js';
import { SCHEMAS } from './schemas.js';

const ajv = new Ajv2020({ strict: false });
const validators = new WeakMap<Operation, ValidateFunction>();

/** Whether an operation's parameters come in the query, or in a JSON body. */
export function isInQuery({ method }: Operation): boolean {
  return method === 'GET' || method === 'DELETE';
}

/** What an operation takes beside the parameters in its path. */
export function paramsSchema({ params, required = [] }: Operation): Schema {
  return { type: 'object', properties: params, required, additionalProperties: false };
}

/** The parameters of a request, checked. Throws Problem. */
export async function readParams(operation: Operation, request: IncomingMessage, query: URLSearchParams) {
  const params = isInQuery(operation) ? fromQuery(operation, query) : await readBody(request, mostBytes(operation));
  const validate = validatorOf(operation);
  if (!validate(params)) throw explain(validate.errors![0]!, params);
  return params as Record<string, unknown>;
}

function validatorOf(operation: Operation): ValidateFunction {
  let validate = validators.get(operation);
  if (validate === undefined) {
    // With the components beside it, `#/components/schemas/…` means the same here as in the OpenAPI document.
    validate = ajv.compile({ ...paramsSchema(operation), components: { schemas: SCHEMAS } });
    validators.set(operation, validate);
  }
  return validate;
}

/** As numbers, booleans and lists where the schema asks for them; what does not fit stays text, and is refused as such. */
function fromQuery({ params }: Operation, query: URLSearchParams): Record<string, unknown> {
  const entries = [...new Set(query.keys())].map((name) => {
    const texts = query.getAll(name);
    const schema = Object.hasOwn(params, name) ? params[name]! : {};
    if (schema.type === 'array') return [name, texts];
    if (texts.length > 1) throw new Problem('bad-request', `${name} is given more than once`);
    return [name, fromText(schema, texts[0]!)];
  });
  return Object.fromEntries(entries);
}

function fromText({ type }: Schema, text: string): unknown {
  if (type === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

/** What strangers send is a name, a password or a ticket. */
const mostBytes = ({ access }: Operation): number =>
  access === 'anybody' ? LIMITS.loginBodyBytes : LIMITS.apiBodyBytes;

/** No body is an empty one. */
async function readBody(request: IncomingMessage, most: number): Promise<unknown> {
  const tooLong = (): HttpProblem =>
    new HttpProblem('bad-request', `the body is longer than ${most} bytes`, {
      status: 413,
      headers: { connection: 'close' },
    });
  if (Number(request.headers['content-length']) > most) throw tooLong();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > most) throw tooLong();
    chunks.push(chunk);
  }
  if (bytes === 0) return {};
  if (!isJson(request)) throw new HttpProblem('bad-request', 'the body must be application/json', { status: 415 });
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)));
  } catch {
    throw new Problem('bad-request', 'the body is not JSON');
  }
  return body;
}

export function isJson({ headers }: IncomingMessage): boolean {
  return headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
}

function explain({ instancePath, keyword, params, message = 'is wrong' }: ErrorObject, given: unknown): Problem {
  if (instancePath === '/config' || instancePath.startsWith('/config/')) {
    const findings = checkConfig((given as { readonly config: unknown }).config);
    const text = findings.map(({ path, message }) => `${fieldName(path)}: ${message}`).join('; ');
    return new Problem('invalid-definition', text);
  }
  const field = instancePath.slice(1).replaceAll('/', '.');
  const within = (name: string): string => (field === '' ? name : `${field}.${name}`);
  switch (keyword) {
    case 'required':
      return new Problem('bad-request', `${within(params.missingProperty)} is missing`);
    case 'additionalProperties':
      return new Problem('bad-request', `there is no parameter ${within(params.additionalProperty)}`);
    case 'enum':
      return new Problem('bad-request', `${field} must be one of ${params.allowedValues.join(', ')}`);
    default:
      return new Problem('bad-request', `${field || 'the body'} ${message}`);
  }
}
