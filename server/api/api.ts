import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../../src/base/log.js';
import { networkOf } from '../transport/network.js';
import { addressOf } from '../web/address.js';
import { sendTagged } from '../web/tagged.js';
import { checkAccess, checkOwnName, type RoleOf } from './access.js';
import { loginOf, remoteOf } from './callers.js';
import { type EventFeed, EventStreams } from './events.js';
import { type LoginParts, logIn, logOut } from './logging-in.js';
import { openApiDocument } from './openapi.js';
import type { Operation } from './operation.js';
import type { Caller, Operations } from './operation-types.js';
import { readParams } from './params.js';
import { HttpProblem, problemOf, sendProblem } from './problem.js';
import { RateLimit } from './rate-limit.js';
import { API_PREFIX, findRoute, type Route } from './routes.js';

export interface ApiParts extends LoginParts {
  readonly operations: Operations;
  readonly roleOf: RoleOf;
  readonly events: EventFeed;
  readonly version: string;
  readonly log: Logger;
}

export interface Api {
  /**
   * Answers a request; false, and nothing is done, where it is not for the API.
   * @param local who asks, where that is proven by how they came (see local.ts)
   */
  handle(request: IncomingMessage, response: ServerResponse, local?: Caller): Promise<boolean>;
  /** Ends the streams of events. */
  close(): void;
}

const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

/** The API, made from the table of operations. It listens nowhere. */
export function createApi(parts: ApiParts): Api {
  const { operations, accounts, roleOf, audit, clock, log } = parts;
  const streams = new EventStreams(parts);
  const rate = new RateLimit();
  let document: Buffer | undefined;

  const answer = async (request: IncomingMessage, response: ServerResponse, local?: Caller) => {
    const { path: whole, query } = addressOf(request);
    const path = whole.slice(API_PREFIX.length);
    if (path === '/openapi.json') {
      document ??= Buffer.from(JSON.stringify(openApiDocument(parts.version, accounts.logins.cookie)));
      return sendDocument(request, response, document);
    }
    const route = findRoute(request.method ?? '', path);
    const { name, operation } = route;
    const login = local === undefined && operation.access !== 'anybody' ? loginOf(request, accounts) : undefined;
    const caller = local ?? login?.caller();
    const remote = remoteOf(request);
    if (local === undefined && !rate.takes(caller?.user ?? networkOf(remote), clock.now())) {
      throw new HttpProblem('too-many-attempts', 'too many requests', { headers: { 'retry-after': '1' } });
    }
    if (name === 'auth.login') {
      const params = await readParams(operation, request, query);
      return send(request, response, operation, await logIn(params, request, response, parts));
    }
    if (name === 'auth.logout') {
      logOut(request, response, parts);
      return send(request, response, operation, {});
    }
    admit(route, caller);
    const given = await readParams(operation, request, query);
    // Sending a body takes time, in which rights may have gone.
    const sender = local ?? login?.caller();
    admit(route, sender);
    checkOwnName(sender, given);
    if (name === 'host.events') {
      if (request.method === 'HEAD') return void response.writeHead(200, { 'content-type': operation.produces }).end();
      return streams.open(response, login === undefined ? () => sender : () => login.caller());
    }
    // The schema has just said that they are what the operation takes.
    const call = operations[name] as (caller: Caller, params: object) => Promise<unknown>;
    send(request, response, operation, await call(sender, { ...given, ...route.params }));
  };

  /** Throws Problem unless they may. */
  function admit(route: Route, caller: Caller | undefined): asserts caller is Caller {
    try {
      checkAccess(route.operation, route.params, caller, roleOf);
    } catch (error) {
      if (caller !== undefined) auditRefusal(route, caller, error);
      throw error;
    }
  }

  /** What somebody has tried to change and may not; what they may is written down where it is done. */
  const auditRefusal = ({ name, operation, params }: Route, { user, remote }: Caller, error: unknown): void => {
    if (operation.method === 'GET') return;
    const detail = `${name}: ${problemOf(error).problem.message}`;
    audit({ action: 'refused', ok: false, user, remote, machine: params.machine ?? null, detail });
  };

  const refuse = (request: IncomingMessage, response: ServerResponse, error: unknown): void => {
    const { problem, isBug } = problemOf(error);
    // Somebody who left in the middle of sending is no bug.
    if (isBug && !request.readableAborted) {
      log.error(
        { err: error, method: request.method, path: addressOf(request).path },
        'bug: an operation of the API failed',
      );
    }
    sendProblem(response, problem);
  };

  return {
    async handle(request, response, local) {
      const { path } = addressOf(request);
      if (path !== '/api' && !path.startsWith('/api/')) return false;
      for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
      try {
        if (!path.startsWith(`${API_PREFIX}/`))
          throw new HttpProblem('no-such-operation', `the API is at ${API_PREFIX}`);
        await answer(request, response, local);
      } catch (error) {
        refuse(request, response, error);
      }
      return true;
    },
    close: () => streams.close(),
  };
}

function send(request: IncomingMessage, response: ServerResponse, { produces }: Operation, result: unknown): void {
  if (produces === undefined) {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(result ?? {}));
    return;
  }
  const body = typeof result === 'string' ? Buffer.from(result) : (result as Uint8Array);
  response.setHeader('content-type', produces.startsWith('image/') ? produces : `${produces}; charset=utf-8`);
  sendTagged(request, response, body);
}

function sendDocument(request: IncomingMessage, response: ServerResponse, document: Uint8Array): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw new HttpProblem('no-such-operation', 'the document can only be read', {
      status: 405,
      headers: { allow: 'GET, HEAD' },
    });
  }
  response.setHeader('content-type', 'application/json');
  // Kept by the browser that asked, and asked for again each time.
  response.setHeader('cache-control', 'private, no-cache');
  sendTagged(request, response, document);
}
