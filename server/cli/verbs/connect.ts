import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../src/base/errors.js';
import { ApiClient } from '../../api/client.js';
import { runtimeFolder } from '../../ipc/runtime-folder.js';
import { defaultStateDir } from '../../state-dir.js';
import type { ServiceArgs } from './service-args.js';

/** In the service's private folder: whoever can open it administrates the host. */
export const API_SOCKET = 'api.sock';

/** The service that the options, or the environment, mean. Throws UserError where there is none. */
export async function connectService({
  server = process.env.VITRINE_SERVER,
  token = process.env.VITRINE_TOKEN,
  stateDir = defaultStateDir(),
}: Pick<ServiceArgs, 'server' | 'token' | 'stateDir'>): Promise<ApiClient> {
  if (server !== undefined) {
    if (token === undefined) throw new UserError('--server needs --token (or VITRINE_TOKEN)', 2);
    return new ApiClient({ url: server, token });
  }
  const socket = existsSync(stateDir) ? join(runtimeFolder(stateDir), API_SOCKET) : undefined;
  if (socket === undefined || !existsSync(socket)) {
    throw new UserError(`no service runs for ${stateDir}: start one with 'vitrine serve', or name one with --server`);
  }
  return new ApiClient({ socketPath: socket });
}
