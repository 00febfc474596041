import { ClientHandshake, type Refusal } from '../../../protocols/rfb/client-handshake.js';
import type { ServerInit } from '../../../protocols/rfb/init.js';
import { SECURITY_TYPE } from '../../../protocols/rfb/security.js';
import { messageOf, UserError } from '../../base/errors.js';
import { vncResponse } from '../../base/vnc-response.js';
import type { Connection } from './connection.js';

/** From connecting to ServerInit. Servers make a wrong password wait for some seconds. */
const LOGIN_MS = 20_000;

/** The server answered, and connecting again would end the same way. */
export class LoginRefused extends UserError {}

export interface Login {
  /** For messages to people. */
  readonly server: string;
  readonly password: string | undefined;
  readonly signal: AbortSignal | undefined;
}

export interface LoggedIn {
  readonly init: ServerInit;
  /** Bytes that came after the handshake. */
  readonly rest: Uint8Array;
}

/**
 * Runs the handshake. Resolves in the same turn in which the last byte arrived, so that the caller can take over the
 * connection's callbacks in `done` before more is read. Rejects with a UserError, or the signal's reason; the
 * connection is then closed.
 */
export function logIn(connection: Connection, login: Login, done: (result: LoggedIn) => void): Promise<void> {
  const handshake = new ClientHandshake({ hasPassword: login.password !== undefined, shared: true });
  let greeted = false;
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      clearTimeout(timer);
      login.signal?.removeEventListener('abort', aborted);
      connection.onClose = () => {};
      connection.onBytes = () => {};
    };
    const fail = (error: unknown): void => {
      settle();
      connection.close('login failed');
      reject(error);
    };
    const aborted = (): void => fail(login.signal?.reason);
    const timer = setTimeout(() => fail(new UserError(`${login.server} does not answer`)), LOGIN_MS);
    const finish = (result: LoggedIn): void => {
      settle();
      try {
        done(result);
        resolve();
      } catch (error) {
        fail(error);
      }
    };
    const run = (step: ReturnType<ClientHandshake['step']>): void => {
      for (const bytes of step.send) connection.write(bytes);
      for (const event of step.events) {
        if (event.type === 'challenge') run(handshake.respond(vncResponse(event.challenge, login.password ?? '')));
        else if (event.type === 'refused') fail(refused(event, login.server));
        else finish(event);
      }
    };
    connection.onClose = (reason) => {
      const what = greeted ? `${login.server} ended the connection` : `cannot connect to ${login.server}`;
      fail(new UserError(`${what}: ${reason}`));
    };
    connection.onBytes = (bytes) => {
      greeted = true;
      try {
        // The handshake keeps what it cannot use yet; staging memory is overwritten.
        run(handshake.step(bytes.slice()));
      } catch (error) {
        fail(new UserError(`${login.server} is not a VNC server (${messageOf(error)})`));
      }
    };
    if (login.signal?.aborted) aborted();
    else login.signal?.addEventListener('abort', aborted, { once: true });
  });
}

function refused(refusal: Refusal, server: string): UserError {
  switch (refusal.why) {
    case 'turned-away':
      return new UserError(`${server} refused the connection: ${plain(refusal.reason)}`);
    case 'login-failed': {
      const reason = refusal.reason === undefined ? '' : plain(refusal.reason);
      return new LoginRefused(`${server} did not accept the password${reason === '' ? '' : `: ${reason}`}`);
    }
    case 'password-needed':
      return new LoginRefused(`${server} wants a password: give it as rfb://:PASSWORD@${server}`);
    case 'unsupported': {
      const names = refusal.types.map(securityName).join(', ');
      return new LoginRefused(
        `${server} asks for a login that is not supported here (${names}): let it offer None or VncAuth`,
      );
    }
  }
}

function securityName(type: number): string {
  const known = Object.entries(SECURITY_TYPE).find(([, number]) => number === type);
  return known?.[0] ?? `type ${type}`;
}

/** A server's words, on one line and without control characters. */
function plain(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ').trim();
}
