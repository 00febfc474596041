import { resolve } from 'node:path';
import { defaultStateDir, SYSTEM_STATE_DIR } from '../state-dir.js';

export interface ServeBannerFacts {
  readonly version: string;
  readonly rdp: string | null;
  readonly vnc: string | null;
  readonly http: string | null;
  readonly stateDir: string;
  /** Of the user `admin`, at the first start only. */
  readonly password: string | undefined;
  readonly machines: number;
}

/** How people call us: who came by `npm start` has nothing of that name installed. */
const PROGRAM = process.env.npm_lifecycle_event === 'start' ? 'npx vitrine' : 'vitrine';

/** What an administrator needs to go on; at the first start also with what. */
export function serveBanner({ version, rdp, vnc, http, stateDir, password, machines }: ServeBannerFacts): string {
  const lines = [`vitrine ${version}: ${machines === 1 ? 'one machine' : `${machines} machines`} in ${stateDir}`, ''];
  const row = (label: string, text: string): number => lines.push(`  ${label.padEnd(9)}${text}`);
  row('RDP', rdp ?? 'off');
  row('VNC', vnc ?? 'off');
  row('Browser', http === null ? 'off' : `http://${http}/`);
  if (password !== undefined) {
    // Where commands look by themselves.
    const isUsual = [defaultStateDir(), SYSTEM_STATE_DIR].includes(stateDir);
    const command = (words: string): string =>
      `${PROGRAM} ${words}${isUsual ? '' : ` --state-dir ${resolve(stateDir)}`}`;
    lines.push('');
    row('User', 'admin');
    row('Password', `${password} (shown this once; ${command('user password admin')} sets another)`);
    lines.push('', 'In another terminal');
    for (const words of ['clone demo desk-1 --linked', 'start desk-1', 'console desk-1']) row('', command(words));
  }
  lines.push('', 'Ctrl-C stops the service; machines go on and are found again.', '');
  return lines.join('\n');
}
