import { existsSync } from 'node:fs';
import type { CommandModule } from 'yargs';
import { messageOf } from '../../../src/base/errors.js';
import type { Finding } from '../doctor/finding.js';
import type { ServiceArgs } from './service-args.js';
import { serviceOptions } from './verb.js';

async function examine(args: ServiceArgs): Promise<Finding[]> {
  const [{ engines }, host, { note, ok }, { defaultStateDir }] = await Promise.all([
    import('../doctor/engines.js'),
    import('../doctor/host.js'),
    import('../doctor/finding.js'),
    import('../../state-dir.js'),
  ]);
  const stateDir = args.stateDir ?? defaultStateDir();
  const service = await serviceFacts(args).catch((error: unknown) => messageOf(error));
  const runs = typeof service === 'object';
  return [
    host.node(),
    ...(await engines(stateDir)),
    host.memoryMerging(),
    host.openFiles(),
    // The service that runs may be another user's, with a folder elsewhere; and the ports are taken because it runs.
    ...(runs && !existsSync(stateDir) ? [] : [host.stateFolder(stateDir), host.clock(stateDir)]),
    ...(runs ? [] : await host.ports()),
    runs ? ok('service', service.text) : note('service', service),
  ];
}

async function serviceFacts(args: ServiceArgs): Promise<{ readonly text: string }> {
  const { connectService } = await import('./connect.js');
  const api = await connectService(args);
  try {
    const { version, pid, rdp, vnc, http, running, machines } = await api.call('host.show', {});
    const ports = [`rdp ${rdp ?? 'off'}`, `vnc ${vnc ?? 'off'}`, `http ${http ?? 'off'}`].join(', ');
    return { text: `${version}, process ${pid}, ${running} of ${machines} machines run; ${ports}` };
  } finally {
    api.close();
  }
}

export const DOCTOR: CommandModule<object, object> = {
  command: 'doctor',
  describe: 'What this host has, and what is missing',
  builder: (argv) => serviceOptions(argv),
  handler: async (args) => {
    const given = args as unknown as ServiceArgs;
    const findings = await examine(given);
    const width = Math.max(...findings.map(({ what }) => what.length));
    const lines = findings.map(({ verdict, what, text }) => `${verdict.padEnd(5)}${what.padEnd(width + 2)}${text}\n`);
    process.stdout.write(given.json ? `${JSON.stringify(findings, undefined, 2)}\n` : lines.join(''));
    if (findings.some(({ verdict }) => verdict === 'bad')) process.exitCode = 1;
  },
};
