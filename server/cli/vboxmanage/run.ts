import type { ServiceArgs } from '../verbs/service-args.js';
import { fromVBoxManage } from './commands.js';

const SERVICE = /^--(state-dir|server|token|ca)(?:=(.*))?$/s;

/** Carries out what VBoxManage would have done, or tells what command line of ours does. */
export async function asVBoxManage(args: readonly string[]): Promise<readonly string[] | undefined> {
  const { rest, taken, service } = withoutService(args);
  const deed = fromVBoxManage(rest);
  if (deed === undefined) return args;
  if ('ours' in deed) return [...beforeDashes(deed.ours, taken)];
  process.stdout.write('here' in deed ? await deed.here() : await asked(service, deed.ask));
  return undefined;
}

async function asked(service: Service, ask: (api: Api) => Promise<string>): Promise<string> {
  // Loaded on use: the help should wait for nothing.
  const { connectService } = await import('../verbs/connect.js');
  const api = await connectService(service);
  try {
    return await ask(api);
  } finally {
    api.close();
  }
}

type Service = Pick<ServiceArgs, 'server' | 'token' | 'ca' | 'stateDir'>;
type Api = Awaited<ReturnType<typeof import('../verbs/connect.js').connectService>>;

/** Where the service is is ours to know. */
function withoutService(args: readonly string[]): {
  readonly rest: readonly string[];
  readonly taken: readonly string[];
  readonly service: Service;
} {
  const rest: string[] = [];
  const taken: string[] = [];
  const values: Record<string, string> = {};
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const [, name, given] = SERVICE.exec(arg) ?? [];
    if (arg === '--json') taken.push(arg);
    if (name === undefined) {
      if (arg !== '--json') rest.push(arg);
      continue;
    }
    const value = given ?? args[++i] ?? '';
    values[name === 'state-dir' ? 'stateDir' : name] = value;
    taken.push(`--${name}`, value);
  }
  return { rest, taken, service: values };
}

/** What stands behind `--` is text. */
function beforeDashes(command: readonly string[], options: readonly string[]): string[] {
  const at = command.indexOf('--');
  return at < 0 ? [...command, ...options] : [...command.slice(0, at), ...options, ...command.slice(at)];
}
