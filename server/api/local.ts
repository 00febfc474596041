import { chmodSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { messageOf, UserError } from '../../src/base/errors.js';
import type { Api } from './api.js';
import { type Caller, LOCAL } from './operation-types.js';

export interface LocalApi {
  close(): void;
}

/**
 * The API on a private unix socket: whoever can open it owns the service's files, and is its administrator.
 * Rejects with UserError, also where another service answers there.
 */
export async function listenLocally(api: Api, path: string): Promise<LocalApi> {
  await mustBeAlone(path);
  // What a killed one has left behind.
  rmSync(path, { force: true });
  const server = createServer((request, response) => {
    void api.handle(request, response, localCaller()).then((isOurs) => {
      if (!isOurs) response.writeHead(404).end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new UserError(`cannot listen on ${path}: ${messageOf(error)}`)));
    server.listen(path, resolve);
  });
  // The folder is private already; this says it again.
  chmodSync(path, 0o600);
  return {
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Rejects with UserError where another service answers at `path`. */
export async function mustBeAlone(path: string): Promise<void> {
  if (await isAnswered(path)) throw new UserError(`a service is running already (it answers at ${path})`);
}

function localCaller(): Caller {
  return { user: userInfo().username, admin: true, groups: [], remote: LOCAL };
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
