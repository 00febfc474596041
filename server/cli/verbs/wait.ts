import { readFileSync } from 'node:fs';
import { messageOf, UserError } from '../../../src/base/errors.js';
import type { ApiClient } from '../../api/client.js';
import type { MachineState } from '../../api/views.js';
import { differingPercent, type Picture, StillWatch } from './picture-change.js';
import { done, type OnMachine, onMachine, verb } from './verb.js';

/** Between looks. A look costs the machine a picture, so this is no busy loop even for a large screen. */
const LOOK_MS = 250;
const STATES: readonly MachineState[] = ['off', 'saved', 'starting', 'running', 'paused', 'crashed'];

interface WaitArgs extends OnMachine {
  readonly state?: MachineState;
  readonly still?: number;
  readonly like?: string;
  readonly unlike?: string;
  readonly tolerance: number;
  readonly timeout: number;
}

/** Looks until it is so; false when the time is over. */
async function until(timeoutMs: number, isSo: () => Promise<boolean>): Promise<boolean> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    if (await isSo()) return true;
    const leftMs = endMs - performance.now();
    if (leftMs <= 0) return false;
    await new Promise((resolve) => setTimeout(resolve, Math.min(LOOK_MS, leftMs)));
  }
}

/** What is waited for, in words that follow the machine's name, and whether it is so. */
async function wanted(
  api: ApiClient,
  { machine, ...args }: WaitArgs,
): Promise<readonly [what: string, isSo: () => Promise<boolean>]> {
  const { state, still, like, unlike, tolerance } = args;
  if ([state, still, like, unlike].filter((each) => each !== undefined).length !== 1) {
    throw new UserError('say what to wait for, one of --state, --still, --like and --unlike', 2);
  }
  if (state !== undefined) {
    return [`is not ${state}`, async () => (await api.call('machine.show', { machine })).state === state];
  }
  const look = async (): Promise<Picture> => decoded(await api.call('console.screenshot', { machine }));
  if (still !== undefined) {
    if (!(still > 0)) throw new UserError('--still is a number of seconds', 2);
    const watch = new StillWatch(still * 1000, tolerance);
    return [`has not been still for ${still} s`, async () => watch.look(await look(), performance.now())];
  }
  const model = await pictureIn(like ?? unlike!);
  const isLike = async () => differingPercent(await look(), model) <= tolerance;
  return like === undefined
    ? [`still looks like ${unlike}`, async () => !(await isLike())]
    : [`does not look like ${like}`, isLike];
}

async function decoded(png: Uint8Array): Promise<Picture> {
  const { PNG } = await import('pngjs');
  return PNG.sync.read(Buffer.from(png));
}

async function pictureIn(file: string): Promise<Picture> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new UserError(`cannot read ${file}: ${messageOf(error)}`);
  }
  return decoded(bytes).catch(() => {
    throw new UserError(`${file} is no PNG file that can be read`);
  });
}

export const WAIT = verb<WaitArgs>(
  'wait <machine>',
  'Wait for a state, or for something on the screen',
  (argv) =>
    onMachine(argv)
      .options({
        state: { choices: STATES, describe: 'Until it is in this state' },
        still: { type: 'number', requiresArg: true, describe: 'Until its screen has not changed for so many seconds' },
        like: { type: 'string', requiresArg: true, describe: 'Until its screen looks as in this PNG file' },
        unlike: { type: 'string', requiresArg: true, describe: 'Until it does not look so any more' },
        tolerance: {
          type: 'number',
          default: 0.05,
          describe: 'Percent of the pixels that do not count: a caret, a clock',
        },
        timeout: { type: 'number', default: 60, describe: 'Seconds; then it fails' },
      })
      .example('vitrine wait desk-1 --state off --timeout 300', 'until it has shut down') as never,
  async (api, args) => {
    const startMs = performance.now();
    const [what, isSo] = await wanted(api, args);
    if (!(await until(args.timeout * 1000, isSo))) {
      throw new UserError(`${args.machine} ${what} after ${args.timeout} s`);
    }
    const seconds = (performance.now() - startMs) / 1000;
    return done({ machine: args.machine, seconds }, `after ${seconds.toFixed(1)} s`);
  },
);
