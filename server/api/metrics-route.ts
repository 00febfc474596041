import type { IncomingMessage } from 'node:http';
import type { Accounts } from '../auth/accounts.js';
import { digestOf } from '../auth/secret.js';
import { addressOf } from '../web/address.js';
import type { WebRoutes } from '../web/port.js';
import { isVisitor } from './access.js';
import { bearerOf, loginOf } from './callers.js';
import { HttpProblem, problemOf, sendProblem } from './problem.js';

export const METRICS_PATH = '/metrics';
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Who may read the metrics beside administrators. They name machines. */
export interface MetricsReaders {
  readonly anybody: boolean;
  /** A scraper's own: logins end after some hours. */
  readonly token: string | undefined;
}

/** The metrics, on the web port. `read` is asked once at a time, however many want to know. */
export function metricsRoute(read: () => Promise<string>, accounts: Accounts, readers: MetricsReaders): WebRoutes {
  const known = readers.token === undefined ? undefined : digestOf(readers.token);
  const mayRead = (request: IncomingMessage): boolean => {
    if (readers.anybody) return true;
    const token = bearerOf(request);
    if (token !== undefined && digestOf(token) === known) return true;
    const caller = loginOf(request, accounts)?.caller();
    if (caller === undefined) {
      const text = 'the metrics are for administrators, and for the token of --metrics-token-file';
      throw new HttpProblem('unauthenticated', text, { headers: { 'www-authenticate': 'Bearer' } });
    }
    return caller.admin && !isVisitor(caller);
  };
  let reading: Promise<string> | undefined;

  return {
    async handle(request, response) {
      if (addressOf(request).path !== METRICS_PATH) return false;
      try {
        if (!mayRead(request)) throw new HttpProblem('forbidden', 'only administrators may read the metrics');
        reading ??= read().finally(() => {
          reading = undefined;
        });
        response.setHeader('content-type', METRICS_TYPE);
        response.end(await reading);
      } catch (error) {
        const { problem, isBug } = problemOf(error);
        if (isBug) throw error;
        sendProblem(response, problem);
      }
      return true;
    },
  };
}
