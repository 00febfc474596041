import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratch } from './processes.js';
import { XClient } from './x-client.js';
import { Xvfb } from './xvfb.js';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export function parseAddress(text: string): Address {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
}

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** FreeRDP's X11 client. */
export async function xfreerdp(server: Address, login: Login, options: readonly string[] = []): Promise<XClient> {
  return new XClient(await Xvfb.start(), {
    name: 'xfreerdp',
    command: 'xfreerdp',
    args: [
      `/v:${server.host}:${server.port}`,
      `/u:${login.user}`,
      `/p:${login.password}`,
      '/cert:ignore',
      '/sec:tls',
      '-decorations',
      // Everything that the host has nothing of.
      '-clipboard',
      '/log-level:WARN',
      ...options,
    ],
    env: { HOME: scratch() },
  });
}

export async function rdesktop(server: Address, login: Login, options: readonly string[] = []): Promise<XClient> {
  const home = scratch();
  mkdirSync(join(home, '.local', 'share'), { recursive: true });
  return new XClient(await Xvfb.start(), {
    name: 'rdesktop',
    command: 'rdesktop',
    args: ['-u', login.user, '-p', login.password, '-k', 'en-us', ...options, `${server.host}:${server.port}`],
    env: { HOME: home },
    // It asks whether a certificate that it does not know is to be trusted.
    stdin: 'yes\n',
  });
}

/** TigerVNC's viewer. `password` undefined: no authentication. */
export async function vncviewer(
  server: Address,
  password: string | undefined,
  options: readonly string[] = [],
): Promise<XClient> {
  const home = scratch();
  const security = password === undefined ? ['-SecurityTypes=None'] : vncAuth(join(home, 'passwd'), password);
  return new XClient(await Xvfb.start(), {
    name: 'vncviewer',
    command: 'xtigervncviewer',
    args: [
      ...security,
      '-geometry=+0+0',
      '-Shared=1',
      '-RemoteResize=0',
      '-AlertOnFatalError=0',
      '-ReconnectOnError=0',
      // F8 is one of the guest's keys.
      '-MenuKey=',
      ...options,
      `${server.host}::${server.port}`,
    ],
    env: { HOME: home },
  });
}

function vncAuth(file: string, password: string): string[] {
  writePasswordFile(file, password);
  return ['-SecurityTypes=VncAuth', `-PasswordFile=${file}`];
}

/** The obfuscated form in which TigerVNC's programs keep a password. */
export function writePasswordFile(file: string, password: string): void {
  const { status, stdout, stderr } = spawnSync('tigervncpasswd', ['-f'], { input: `${password}\n` });
  if (status !== 0) throw new Error(`tigervncpasswd failed: ${stderr}`);
  writeFileSync(file, stdout, { mode: 0o600 });
}
