/** The same for the page below a proxy's path. */
const BASE = new URL('api/v1/', document.baseURI);

/** For what is only looked up, waiting behind pictures on a slow line included. Changes take the time they take. */
const ANSWER_MS = 30_000;

/** What the API says is wrong (RFC 9457), in words for people. */
export class ApiProblem extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Whoever wants to know that the login has ended. */
export const logins = new EventTarget();

/** A path below the API's with its parts escaped: at`machines/${name}/start`. */
export function at(parts, ...names) {
  return parts.reduce((path, part, i) => path + encodeURIComponent(names[i - 1]) + part);
}

export function urlOf(path, query = {}) {
  const url = new URL(path, BASE);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') url.searchParams.set(name, value);
  }
  return url;
}

async function request(method, path, { query, body } = {}) {
  let response;
  try {
    response = await fetch(urlOf(path, query), {
      method,
      // The header tells our own page's requests from what another site makes the browser send.
      headers: { 'x-vitrine': '1', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(method === 'GET' ? { signal: AbortSignal.timeout(ANSWER_MS) } : {}),
    });
  } catch {
    throw new ApiProblem(0, 'unreachable', 'the service cannot be reached');
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  const code = String(problem.type ?? '').replace('/problems/', '');
  if (code === 'unauthenticated' && path !== 'login') logins.dispatchEvent(new Event('ended'));
  throw new ApiProblem(response.status, code, problem.detail ?? `the service answered ${response.status}`);
}

const json = async (response) => (await response).json();

export const api = {
  get: (path, query) => json(request('GET', path, { query })),
  text: async (path, query) => (await request('GET', path, { query })).text(),
  blob: async (path, query) => (await request('GET', path, { query })).blob(),
  post: (path, body = {}) => json(request('POST', path, { body })),
  put: (path, body = {}) => json(request('PUT', path, { body })),
  patch: (path, body = {}) => json(request('PATCH', path, { body })),
  delete: (path, query) => json(request('DELETE', path, { query })),
};
