import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { messageOf, PROBLEM_CODES, Problem, type ProblemCode } from '../../src/base/errors.js';
import { eventsIn } from './event-reader.js';
import type { Operation } from './operation.js';
import type { OperationTypes } from './operation-types.js';
import { OPERATIONS, type OperationName } from './operations.js';
import { API_PREFIX, parametersOf } from './routes.js';
import type { ServiceEvent } from './views.js';

/** Where the service is: its private socket, where nobody asks who one is, or its address with a token. */
export type ApiAddress =
  | { readonly socketPath: string }
  | {
      readonly url: string;
      readonly token?: string;
      /** PEM of the certificate to trust; without it the system's authorities decide. */
      readonly ca?: string;
    };

/** The API as functions. What it answers with a problem is thrown as Problem. */
export class ApiClient {
  readonly #address: ApiAddress;
  readonly #agent: HttpAgent;

  /** Throws Problem 'bad-request' for what is no address. */
  constructor(address: ApiAddress) {
    this.#address = address;
    if ('url' in address) checkUrl(address.url);
    // A connection a call: one that was kept may be closed in the moment it is used again, and nobody could
    // say then whether a call was carried out and may be sent a second time.
    const isTls = 'url' in address && urlOf(address.url).protocol === 'https:';
    this.#agent = isTls ? new HttpsAgent({ ...(address.ca !== undefined && { ca: address.ca }) }) : new HttpAgent();
  }

  async call<N extends Exclude<OperationName, 'host.events'>>(
    name: N,
    params: OperationTypes[N]['params'],
    signal?: AbortSignal,
  ): Promise<OperationTypes[N]['result']> {
    const response = await this.#send(OPERATIONS[name], params, signal);
    const body = await bodyOf(response);
    return resultOf(OPERATIONS[name], body) as OperationTypes[N]['result'];
  }

  /** What happens, beginning with everything as it is. Ends with the service, or when the loop is left. */
  async *events(signal?: AbortSignal): AsyncGenerator<ServiceEvent> {
    const response = await this.#send(OPERATIONS['host.events'], {}, signal);
    try {
      yield* eventsIn(response);
    } catch (error) {
      if (signal?.aborted !== true) throw new Problem('unavailable', `the stream of events broke: ${messageOf(error)}`);
    } finally {
      response.destroy();
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Resolves to a good answer's head; rejects with Problem. */
  async #send(operation: Operation, params: object, signal: AbortSignal | undefined): Promise<IncomingMessage> {
    const { path, body } = requestFor(operation, params);
    const headers: Record<string, string | number> = {};
    if (body !== undefined)
      Object.assign(headers, { 'content-type': 'application/json', 'content-length': body.length });
    if ('url' in this.#address && this.#address.token !== undefined) {
      headers.authorization = `Bearer ${this.#address.token}`;
    }
    const options: RequestOptions = {
      method: operation.method,
      headers,
      agent: this.#agent,
      ...(signal && { signal }),
    };
    const response = await this.#exchange(options, path, body);
    if (response.statusCode === 200) return response;
    throw problemIn(await bodyOf(response), response);
  }

  #exchange(options: RequestOptions, path: string, body: Buffer | undefined): Promise<IncomingMessage> {
    const address = this.#address;
    return new Promise((resolve, reject) => {
      const request =
        'socketPath' in address
          ? httpRequest({ ...options, path, socketPath: address.socketPath }, resolve)
          : (urlOf(address.url).protocol === 'https:' ? httpsRequest : httpRequest)(
              new URL(path, address.url),
              options,
              resolve,
            );
      request.on('error', (error) => reject(unavailable(error, address)));
      request.end(body);
    });
  }
}

function requestFor(
  operation: Operation,
  params: object,
): { readonly path: string; readonly body: Buffer | undefined } {
  const rest = new Map(Object.entries(params).filter(([, value]) => value !== undefined));
  let path = operation.path;
  for (const name of parametersOf(operation)) {
    const value = String(rest.get(name));
    // An address takes these for something else.
    if (['', '.', '..'].includes(value)) throw new Problem('bad-request', `${JSON.stringify(value)} is no ${name}`);
    path = path.replace(`{${name}}`, encodeURIComponent(value));
    rest.delete(name);
  }
  path = `${API_PREFIX}${path}`;
  if (operation.method !== 'GET' && operation.method !== 'DELETE') {
    return { path, body: Buffer.from(JSON.stringify(Object.fromEntries(rest))) };
  }
  const query = new URLSearchParams();
  for (const [name, value] of rest) for (const each of [value].flat()) query.append(name, String(each));
  return { path: rest.size === 0 ? path : `${path}?${query}`, body: undefined };
}

async function bodyOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk);
  } catch (error) {
    throw new Problem('unavailable', `the answer broke off: ${messageOf(error)}`);
  }
  return Buffer.concat(chunks);
}

function resultOf({ produces }: Operation, body: Buffer): unknown {
  if (produces === undefined) return JSON.parse(body.toString());
  return produces.startsWith('image/') ? body : body.toString();
}

/** The problem in an answer, or what can be made of an answer of somebody else's. */
function problemIn(body: Buffer, { statusCode }: IncomingMessage): Problem {
  try {
    const { type, detail } = JSON.parse(body.toString()) as { type?: string; detail?: string };
    const code = PROBLEM_CODES.find((known) => type === `/problems/${known}`);
    if (typeof detail === 'string') return new Problem(code ?? 'failed', detail);
  } catch {
    // Not ours.
  }
  return new Problem('unavailable', `whoever answers there is no vitrine (HTTP status ${statusCode})`);
}

/** How OpenSSL names a certificate that nobody vouches for. */
const UNTRUSTED = ['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'];

function unavailable(error: NodeJS.ErrnoException, address: ApiAddress): Problem | Error {
  if (error.name === 'AbortError') return error;
  const where = 'socketPath' in address ? address.socketPath : address.url;
  const isNobody = error.code === 'ENOENT' || error.code === 'ECONNREFUSED';
  if (error.code !== undefined && UNTRUSTED.includes(error.code)) {
    return new Problem('unavailable', `the certificate of ${where} is none that is trusted here; --ca FILE trusts it`);
  }
  const code: ProblemCode = error.code === 'EACCES' ? 'forbidden' : 'unavailable';
  return new Problem(code, isNobody ? `no service answers at ${where}` : `cannot reach ${where}: ${messageOf(error)}`);
}

/** Throws Problem 'bad-request' for what is no service's address. */
function checkUrl(text: string): void {
  const { protocol, pathname } = urlOf(text);
  if (!/^https?:$/.test(protocol)) throw new Problem('bad-request', `${text} is not an address of http or https`);
  if (pathname !== '/') throw new Problem('bad-request', `${text} has a path: a service is known by host and port`);
}

function urlOf(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw new Problem('bad-request', `${text} is not an address like https://HOST:PORT`);
  }
}
