import { EVENT_SCHEMAS } from './event-schemas.js';
import type { Access, Operation, Schema } from './operation.js';
import { OPERATIONS } from './operations.js';
import { isInQuery, paramsSchema } from './params.js';
import { API_PREFIX, parametersOf } from './routes.js';
import { listOf, refTo } from './schema-parts.js';
import { SCHEMAS } from './schemas.js';

const ACCESS: Readonly<Record<Access, string>> = {
  anybody: 'Open to anybody.',
  visitor: 'For whoever is logged in, also by a ticket.',
  user: 'For users.',
  view: 'Takes the role view for the machine.',
  use: 'Takes the role use for the machine.',
  operate: 'Takes the role operate for the machine.',
  admin: 'Takes the role admin for the machine.',
  'host-admin': 'For administrators.',
};
const LOGINS = [{ bearer: [] }, { cookie: [] }];
const PROBLEM = {
  description: 'A problem',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

/**
 * The API as OpenAPI 3.1, made from the table of operations.
 * @param cookie its name: each service has one of its own
 */
export function openApiDocument(version: string, cookie: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    paths[operation.path] = { ...paths[operation.path], [operation.method.toLowerCase()]: describe(name, operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'vitrine',
      version,
      description: 'A host of virtual machines and their screens.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: API_PREFIX }],
    security: LOGINS,
    paths,
    components: {
      schemas: { ...opened({ ...SCHEMAS, ...EVENT_SCHEMAS }), MachineConfig: SCHEMAS.MachineConfig },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'POST /login with "token": true' },
        cookie: {
          type: 'apiKey',
          in: 'cookie',
          name: cookie,
          description:
            'POST /login. For pages of the service itself: whatever changes something takes its origin, too.',
        },
      },
    },
  };
}

/** What comes back may have more fields one day: a client that was made from closed objects would refuse them. */
function opened(schemas: object): object {
  const isClosing = (key: string, value: unknown): boolean => key === 'additionalProperties' && value === false;
  return JSON.parse(JSON.stringify(schemas, (key, value) => (isClosing(key, value) ? undefined : value)));
}

function describe(name: string, operation: Operation): object {
  const { summary, access, required = [], params, produces = 'application/json' } = operation;
  const inPath = parametersOf(operation).map((parameter) => ({
    name: parameter,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = isInQuery(operation)
    ? Object.entries(params).map(([parameter, schema]) => ({
        name: parameter,
        in: 'query',
        required: required.includes(parameter),
        schema,
      }))
    : [];
  const hasBody = !isInQuery(operation) && Object.keys(params).length > 0;
  return {
    operationId: name,
    summary,
    description: ACCESS[access],
    tags: [name.split('.', 1)[0]],
    // A login may come along: it is what a logout ends.
    ...(access === 'anybody' && { security: [{}, ...LOGINS] }),
    ...(inPath.length + inQuery.length > 0 && { parameters: [...inPath, ...inQuery] }),
    ...(hasBody && {
      requestBody: {
        required: required.length > 0,
        content: { 'application/json': { schema: paramsSchema(operation) } },
      },
    }),
    responses: {
      200: { description: summary, content: { [produces]: { schema: opened(resultSchema(operation)) } } },
      default: PROBLEM,
    },
  };
}

/** What comes back, as a schema. */
export function resultSchema({ result }: Operation): Schema {
  if (typeof result !== 'string') return result;
  const name = result.replace(/\[\]$/, '');
  return name === result ? refTo(name) : listOf(name);
}
