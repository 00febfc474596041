import { X509Certificate } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, UserError } from '../../../src/base/errors.js';
import { ApiClient } from '../../api/client.js';
import { knownRuntimeFolder } from '../../ipc/runtime-folder.js';
import { defaultStateDir, SYSTEM_STATE_DIR } from '../../state-dir.js';
import type { ServiceArgs } from './service-args.js';

/** In the service's private folder: whoever can open it administrates the host. */
export const API_SOCKET = 'api.sock';

/** The service that the options, or the environment, mean. Throws UserError where there is none. */
export async function connectService({
  server = process.env.VITRINE_SERVER,
  token = process.env.VITRINE_TOKEN,
  ca = process.env.VITRINE_CA,
  stateDir,
}: Pick<ServiceArgs, 'server' | 'token' | 'ca' | 'stateDir'>): Promise<ApiClient> {
  if (server !== undefined) {
    if (token === undefined) throw new UserError('--server needs --token (or VITRINE_TOKEN)', 2);
    return new ApiClient({ url: server, token, ...(ca !== undefined && { ca: certificateIn(ca) }) });
  }
  // One's own service, else the host's.
  const folders = stateDir === undefined ? [defaultStateDir(), SYSTEM_STATE_DIR] : [stateDir];
  for (const folder of folders) {
    const runtime = knownRuntimeFolder(folder);
    if (runtime === undefined) continue;
    const socketPath = join(runtime, API_SOCKET);
    if (existsSync(socketPath)) return new ApiClient({ socketPath });
  }
  throw new UserError(noService(folders));
}

function certificateIn(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(`--ca: cannot read ${file}: ${messageOf(error)}`);
  }
  try {
    new X509Certificate(text);
  } catch {
    // TLS would pass it over, and say that nobody vouches for the service.
    throw new UserError(`--ca: ${file} is no certificate in PEM`);
  }
  return text;
}

function noService(folders: readonly string[]): string {
  const closed = folders.find((folder) => existsSync(folder) && !isReadable(folder));
  return closed === undefined
    ? `no service runs for ${folders[0]}: start one with 'vitrine serve', or name one with --server`
    : `${closed} belongs to somebody else: ask as that user or as root, or over the network with --server`;
}

function isReadable(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
