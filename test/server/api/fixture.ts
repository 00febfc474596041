import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Api, type ApiParts, createApi } from '../../../server/api/api.js';
import type { ServiceEvent } from '../../../server/api/views.js';
import { Accounts } from '../../../server/auth/accounts.js';
import type { AuditEntry } from '../../../server/auth/audit-log.js';
import type { Identity } from '../../../server/auth/credentials.js';
import { Logins } from '../../../server/auth/logins.js';
import { hashPassword } from '../../../server/auth/password-hash.js';
import { Throttle } from '../../../server/auth/throttle.js';
import { Tickets } from '../../../server/auth/tickets.js';
import { UserStore } from '../../../server/auth/users.js';
import { roleOf } from '../../../server/service/roles.js';
import { Emitter } from '../../../src/base/events.js';
import type { Role } from '../../../src/catalog/config.js';
import { FakeClock } from '../../fake-clock.js';
import { fakeOperations, machineView, NOW } from './fake-operations.js';

/** The machines there are, and who may do what with them. `lab` is hidden from all but administrators. */
export const ACCESS: Readonly<Record<string, Readonly<Record<string, Role>>>> = {
  desk: { viewer: 'view', driver: 'use', operator: 'operate', owner: 'admin' },
  lab: { owner: 'admin' },
};
/** Everybody's, hashed once: that takes its time. */
export const PASSWORD = 'correct horse';
const password = hashPassword(PASSWORD);
/** Everybody that a test of rights needs. `admin` is the host's, the others have their names' role for `desk`. */
const USERS = ['admin', 'stranger', ...Object.keys(ACCESS.desk!)];

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Undefined for what is not JSON. */
  readonly body: unknown;
}
export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** The same for one test: it goes with it. */
export async function apiForTest(overrides: Partial<ApiParts> = {}) {
  const opened = await openApi(overrides);
  onTestFinished(opened.close);
  return opened;
}

/** The API with operations that always work, on a port of its own. */
export async function openApi(overrides: Partial<ApiParts> = {}) {
  const { operations, calls } = fakeOperations();
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-test-'));
  const clock = new FakeClock();
  const logins = new Logins(clock);
  const path = join(folder, 'users.json');
  const stored = { groups: [], disabled: false, createdAt: NOW, password: await password };
  writeFileSync(path, JSON.stringify({ users: USERS.map((name) => ({ name, admin: name === 'admin', ...stored })) }));
  const users = UserStore.open(path);
  const accounts = new Accounts(users, new Tickets(clock, logins), logins);
  const audits: AuditEntry[] = [];
  const bugs: unknown[] = [];
  const onEvent = new Emitter<ServiceEvent>();
  const log = { debug() {}, info() {}, warn() {}, error: (fields: object) => void bugs.push(fields), child: () => log };
  const api: Api = createApi({
    operations,
    accounts,
    throttle: new Throttle(),
    audit: (entry) => void audits.push(entry),
    roleOf: (caller, machine) => {
      const access = ACCESS[machine];
      return access && roleOf(caller, machine, { access });
    },
    events: {
      current: () => Object.keys(ACCESS).map((name) => ({ type: 'machine', machine: machineView(name) })),
      onEvent,
    },
    version: '1.2.3',
    clock,
    log,
    ...overrides,
  });
  const server = createServer(async (request, response) => {
    if (!(await api.handle(request, response))) response.writeHead(418).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    api.close();
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
  };

  const ask = (path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const json = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
      const type = json === undefined || 'content-type' in headers ? {} : { 'content-type': 'application/json' };
      const question = request({ port, host: '127.0.0.1', path, method, headers: { ...type, ...headers } });
      question.once('error', reject);
      question.once('response', async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk);
        const text = Buffer.concat(chunks).toString();
        const isJson = /json$/.test(response.headers['content-type'] ?? '') && text !== '';
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, text, body: isJson ? JSON.parse(text) : undefined });
      });
      question.end(json);
    });
  /** A token for somebody who has logged in. */
  const tokenOf = (identity: Identity): Record<string, string> => ({
    authorization: `Bearer ${logins.open(identity).token}`,
  });
  return { api, accounts, users, logins, clock, audits, bugs, calls, onEvent, port, ask, tokenOf, close };
}
