import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratch } from './processes.js';
import type { XClientCommand } from './x-client.js';

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
export function xfreerdp(server: Address, login: Login, options: readonly string[] = []): XClientCommand {
  const to = [`/v:${server.host}:${server.port}`, `/u:${login.user}`, `/p:${login.password}`];
  return {
    name: 'xfreerdp',
    command: 'xfreerdp',
    args: [...to, '/cert:ignore', '/sec:tls', '-decorations', '-clipboard', '/log-level:WARN', ...options],
    env: { HOME: scratch() },
  };
}

export function rdesktop(server: Address, login: Login, options: readonly string[] = []): XClientCommand {
  const home = scratch();
  // It saves the certificates that it trusts, and does not make the folder's parents.
  mkdirSync(join(home, '.local', 'share'), { recursive: true });
  return {
    name: 'rdesktop',
    command: 'rdesktop',
    args: ['-u', login.user, '-p', login.password, '-k', 'en-us', ...options, `${server.host}:${server.port}`],
    env: { HOME: home },
    // It asks whether a certificate that it does not know is to be trusted.
    stdin: 'yes\n',
  };
}

/** A menu key would be one the guest does not get; dialogues would keep it from ending. */
const MANNERS = ['-Shared=1', '-RemoteResize=0', '-MenuKey=', '-AlertOnFatalError=0', '-ReconnectOnError=0'];

/** TigerVNC's viewer. */
export function vncviewer(server: Address, password: string, options: readonly string[] = []): XClientCommand {
  const home = scratch();
  const passwordFile = join(home, 'passwd');
  writePasswordFile(passwordFile, password);
  return {
    name: 'vncviewer',
    command: 'xtigervncviewer',
    args: [
      ...['-SecurityTypes=VncAuth', `-PasswordFile=${passwordFile}`, '-geometry=+0+0'],
      ...MANNERS,
      ...options,
      `${server.host}::${server.port}`,
    ],
    env: { HOME: home },
  };
}

/** The same with a user name, and with its own choice of how to log in unless `options` say otherwise. */
export function vncviewerAs(server: Address, login: Login, options: readonly string[] = []): XClientCommand {
  return {
    name: 'vncviewer',
    command: 'xtigervncviewer',
    args: ['-geometry=+0+0', ...MANNERS, ...options, `${server.host}::${server.port}`],
    // It writes which way it has taken.
    env: { HOME: scratch(), VNC_USERNAME: login.user, VNC_PASSWORD: login.password },
  };
}

/** The obfuscated form in which TigerVNC's programs keep a password. */
export function writePasswordFile(file: string, password: string): void {
  const { status, stdout, stderr } = spawnSync('tigervncpasswd', ['-f'], { input: `${password}\n` });
  if (status !== 0) throw new Error(`tigervncpasswd failed: ${stderr}`);
  writeFileSync(file, stdout, { mode: 0o600 });
}
