import { formatAddress, type ListenAddress } from '../transport/listen.js';

export interface BannerFacts {
  readonly version: string;
  readonly machine: string;
  readonly engine: string;
  readonly rdp: ListenAddress | null;
  readonly vnc: ListenAddress | null;
  readonly http: ListenAddress | null;
  readonly user: string;
  /** Undefined with --auth none. */
  readonly password: string | undefined;
  /** Logs a browser in once, as part of the link. */
  readonly ticket: string;
  /** Whether the password was made by us: only then it is shown. */
  readonly generated: boolean;
}

/** What somebody needs to connect, ready to paste. */
export function banner(facts: BannerFacts): string {
  const { rdp, vnc, http, user } = facts;
  const lines = [`vitrine ${facts.version}: ${facts.machine} on ${facts.engine}`, ''];
  const row = (label: string, text: string): number => lines.push(`  ${label.padEnd(9)}${text}`);
  row('RDP', rdp ? formatAddress(rdp) : 'off');
  row('VNC', vnc ? formatAddress(vnc) : 'off');
  row('Browser', http ? `http://${formatAddress(reachable(http))}/` : 'off');
  lines.push('');
  if (facts.password === undefined) row('Login', 'none is asked');
  else {
    row('User', user);
    row('Password', facts.generated ? facts.password : 'as you chose it');
  }
  const shown = facts.password === undefined ? '' : facts.generated ? facts.password : 'PASSWORD';
  lines.push('', 'Connect from');
  if (rdp) {
    const { host } = reachable(rdp);
    const server = formatAddress(reachable(rdp));
    // Without NLA, mstsc sends a password only if it is stored.
    const store = shown === '' ? '' : `cmdkey /generic:TERMSRV/${host} /user:${user} /pass:${shown} && `;
    row('Windows', `${store}mstsc /v:${server}`);
    row('Linux', `xfreerdp /v:${server} /u:${user}${shown === '' ? '' : ` /p:${shown}`} /sec:tls /cert:tofu`);
    row('macOS', `Windows App, PC ${server}${vnc ? `, or: open vnc://${formatAddress(reachable(vnc))}` : ''}`);
  } else if (vnc) row('macOS', `open vnc://${formatAddress(reachable(vnc))}`);
  if (vnc) row(rdp ? '' : 'Linux', `vncviewer ${reachable(vnc).host}::${vnc.port}`);
  if (http) {
    const link = `http://${formatAddress(reachable(http))}/`;
    row('Browser', facts.password === undefined ? link : `${link}#ticket=${facts.ticket} (logs in by itself, once)`);
  }
  lines.push('', 'Ctrl-C stops the machine.', '');
  return lines.join('\n');
}

/** An address that a client on this host can use: wildcards cannot be connected to everywhere. */
function reachable(address: ListenAddress): ListenAddress {
  if (address.host === '0.0.0.0') return { host: '127.0.0.1', port: address.port };
  if (address.host === '::') return { host: '::1', port: address.port };
  return address;
}
