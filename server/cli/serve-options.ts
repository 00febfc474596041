import type { Argv } from 'yargs';
import { UserError } from '../../src/base/errors.js';
import type { MetricsReaders } from '../api/metrics-route.js';
import { firstLine } from './first-line.js';
import { VNC_SECURITY } from './vnc-security.js';

/** The options of `vitrine serve`. */
export function serveOptions(yargs: Argv) {
  const listener = (describe: string, port: string) =>
    ({ type: 'string', requiresArg: true, default: port, describe, group: 'Servers' }) as const;
  return yargs
    .usage(
      'vitrine serve [options]\n\nServes all machines of this host: one port for RDP, one for VNC, one for the browser and the API.\nMachines go on when it ends, and are found again.',
    )
    .options({
      rdp: listener('RDP: [ADDRESS:]PORT, [ADDRESS:]auto or off', '3389'),
      vnc: listener('VNC, likewise', '5900'),
      repeater: listener('VNC for viewers in repeater mode (ID:NAME), likewise', 'off'),
      http: listener('Web console and API (HTTP and HTTPS), likewise', '8080'),
      'public-host': {
        type: 'string',
        requiresArg: true,
        describe: 'Name under which others reach this host, for links and .rdp files',
        group: 'Servers',
      },
      'tls-cert': { type: 'string', requiresArg: true, describe: 'Own certificate, PEM', group: 'Access' },
      'tls-key': { type: 'string', requiresArg: true, describe: 'Its key, PEM', group: 'Access' },
      'vnc-security': VNC_SECURITY,
      'nt-hash': {
        type: 'boolean',
        default: false,
        describe: 'Keep of new passwords what NTLM needs; it is as good as the password to whoever reads it',
        group: 'Access',
      },
      'metrics-token-file': {
        type: 'string',
        requiresArg: true,
        describe: 'File whose first line is a bearer token that reads /metrics, as those of administrators do',
        group: 'Access',
      },
      'public-metrics': {
        type: 'boolean',
        default: false,
        describe: 'Let anybody read /metrics, which names machines',
        group: 'Access',
      },
      overcommit: {
        type: 'number',
        requiresArg: true,
        default: 100,
        describe: 'How much of the memory guests may be promised, in percent',
        group: 'Machines',
      },
      'several-machines': {
        choices: ['picker', 'last'] as const,
        default: 'picker' as const,
        describe: 'Where somebody goes who has several and names none',
        group: 'Machines',
      },
      'state-dir': {
        type: 'string',
        requiresArg: true,
        describe: 'Folder of machines, users and certificate',
        group: 'Other',
      },
      'log-level': {
        choices: ['debug', 'info', 'warn', 'error', 'silent'] as const,
        default: 'info' as const,
        describe: 'Least level logged',
        group: 'Other',
      },
      'log-format': {
        choices: ['pretty', 'json'] as const,
        default: 'pretty' as const,
        describe: 'Log lines for people or for programs',
        group: 'Other',
      },
      'ready-file': {
        type: 'string',
        requiresArg: true,
        describe: 'Written as JSON once everything can be reached',
        group: 'Other',
      },
    })
    .example('vitrine serve --rdp 0.0.0.0:3389 --http 0.0.0.0:8080', 'reachable by others');
}

export type ServeOptions = Awaited<ReturnType<typeof serveOptions>['argv']>;

/** Whoever guesses a token is not held up. */
const SHORTEST_TOKEN = 16;

/** Throws UserError. */
export function metricsReaders(options: Pick<ServeOptions, 'metricsTokenFile' | 'publicMetrics'>): MetricsReaders {
  const { metricsTokenFile: file, publicMetrics: anybody } = options;
  if (file === undefined) return { anybody, token: undefined };
  if (anybody) throw new UserError('--public-metrics needs no --metrics-token-file', 2);
  const token = firstLine('--metrics-token-file', file).trim();
  if (token.length < SHORTEST_TOKEN || /\s/.test(token)) {
    throw new UserError(`--metrics-token-file: a token has ${SHORTEST_TOKEN} characters at least, and no blanks`);
  }
  return { anybody, token };
}
