import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { messageOf, UserError } from '../src/base/errors.js';

/** Where the service of a whole host keeps it, as its systemd unit says. */
export const SYSTEM_STATE_DIR = '/var/lib/vitrine';

/** Where vitrine keeps what outlives a run (certificate, what it learnt of the host), by each system's custom. */
export function defaultStateDir(): string {
  const home = homedir();
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support', 'vitrine');
  if (process.platform === 'win32') return join(process.env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'vitrine');
  return join(process.env.XDG_STATE_HOME ?? join(home, '.local', 'state'), 'vitrine');
}

/** Makes the folder, private to the user. Throws UserError. */
export function openStateDir(path: string): string {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  } catch (error) {
    throw new UserError(`cannot make the state folder ${path}: ${messageOf(error)}; choose another with --state-dir`);
  }
}
