import { Problem } from '../../src/base/errors.js';
import { OneAtATime } from '../../src/base/one-at-a-time.js';
import { MAX_EDGE } from '../../src/display/framebuffer.js';
import type { InputSource } from '../../src/input/input.js';
import type { Machine } from '../../src/machine/machine.js';
import type { VmStatus } from '../ipc/control.js';
import type { ControlHandlers, ControlPeer } from '../ipc/control-server.js';
import { CLOSE_REASONS } from '../session/session.js';
import type { SessionList } from '../session/session-list.js';
import { list, oneOf, path, text, whole } from './params.js';
import { checkPower, POWER_ACTIONS, power } from './power.js';
import { takeScreenshot } from './screenshot.js';
import type { Typist } from './typist.js';
import { usage } from './usage.js';
import type { Visitors } from './visitors.js';

/** Longer runs of keys are several requests. */
const MAX_KEYS = 1_000;
/** Set 1: seven bits, and the eighth for an E0 before it. */
const MAX_SCAN_CODE = 0xff;
const MAX_BUTTONS = 0x1f;
const MAX_WHEEL = 100;
const MAX_OVERLAYS = 64;
const MAX_MEMORY_MIB = 1 << 24;

/** What people are told at its screen. */
export const TURNED_OFF = 'the machine was turned off';

export interface OperationsContext {
  readonly machine: Machine;
  readonly sessions: SessionList;
  readonly visitors: Visitors;
  readonly typist: Typist;
  readonly startedAt: string;
  readonly hardware: () => string;
  /** Somebody has the picture as it is now. */
  readonly looked: () => void;
  /** Ends the process once what is being answered has been sent; `text` is for the people at the screen. */
  readonly end: (text: string) => void;
}

/** What can be done with a machine from outside. */
export function operations(context: OperationsContext): ControlHandlers {
  const { machine, visitors, typist, sessions } = context;
  const hands = new WeakMap<ControlPeer, InputSource>();
  /** A caller's own keyboard and pointer: what it holds down goes up when it is gone. */
  const handsOf = (caller: ControlPeer): InputSource => {
    let source = hands.get(caller);
    if (source === undefined) {
      const made = machine.input.source();
      caller.gone.addEventListener('abort', () => made.close(), { once: true });
      hands.set(caller, made);
      source = made;
    }
    return source;
  };
  const running = (): void => {
    if (machine.state !== 'running') throw new Problem('wrong-state', `the machine is ${machine.state}`);
  };
  /** A screenshot takes megabytes while it is made, and whoever may watch may ask for hundreds. */
  const camera = new OneAtATime();
  let isSaved = false;
  const session = (id: unknown) => {
    const found = visitors.find(text(id, 'session'));
    if (found === undefined) throw new Problem('no-such-session', `there is no session ${String(id)} here`);
    return found;
  };
  return {
    status: async () => status(context),
    power: async ({ action }) => {
      const wanted = oneOf(action, 'action', POWER_ACTIONS);
      // It would move on from the state that it goes on from the next time.
      if (isSaved && wanted !== 'off')
        throw new Problem('wrong-state', 'the machine was saved and is being turned off');
      checkPower(machine, wanted);
      // Said first: a guest that is turned off while it starts has not failed to.
      if (wanted === 'off') context.end(TURNED_OFF);
      await power(machine, wanted);
      return {};
    },
    screenshot: async ({ maxWidth }) => {
      const most = maxWidth === undefined ? undefined : whole(maxWidth, 'maxWidth', 1, MAX_EDGE);
      const { png, width, height } = await camera.run(() => {
        context.looked();
        return takeScreenshot(machine.display.framebuffer, most);
      });
      return { png: png.toString('base64'), width, height };
    },
    type: async (params, caller) => {
      const words = text(params.text, 'text');
      running();
      return { untyped: await typist.type(words, caller.gone) };
    },
    keys: async ({ keys }, caller) => {
      const strokes = list(keys, 'keys', MAX_KEYS).map((key) => {
        const { code, down } = Object(key) as { code?: unknown; down?: unknown };
        if (typeof down !== 'boolean') throw new Problem('bad-request', 'a key goes down or not');
        return { code: whole(code, 'a key’s code', 1, MAX_SCAN_CODE), down };
      });
      running();
      for (const { code, down } of strokes) handsOf(caller).key(code, down);
      return {};
    },
    pointer: async ({ x, y, buttons, wheelY }, caller) => {
      const event = {
        x: whole(x, 'x', 0, machine.display.width - 1),
        y: whole(y, 'y', 0, machine.display.height - 1),
        buttons: whole(buttons, 'buttons', 0, MAX_BUTTONS),
        ...(wheelY !== undefined && { wheelY: whole(wheelY, 'wheelY', -MAX_WHEEL, MAX_WHEEL) }),
      };
      running();
      handsOf(caller).pointer(event);
      return {};
    },
    clipboard: async () => {
      throw new Problem('not-supported', `the ${machine.engine.kind} engine has no clipboard; type the text instead`);
    },
    requestSize: async ({ width, height }) => ({
      asked: await machine.requestSize(whole(width, 'width', 1, MAX_EDGE), whole(height, 'height', 1, MAX_EDGE)),
    }),
    kick: async (params) => {
      const by = text(params.by, 'by');
      const message = params.message === undefined ? undefined : text(params.message, 'message');
      session(params.session).close('kicked', message ?? `${by} has ended this session`);
      return {};
    },
    dismiss: async (params) => {
      const reason = oneOf(params.reason, 'reason', CLOSE_REASONS);
      session(params.session).close(reason, text(params.text, 'text'), true);
      return {};
    },
    limit: async (params) => {
      const rights = oneOf(params.rights, 'rights', ['view', 'control']);
      // Its rights are read when it is in, which it is not yet.
      if (!sessions.limit(session(params.session), rights)) {
        throw new Problem('wrong-state', `the session ${params.session} is only coming in`);
      }
      return {};
    },
    setRights: async (params) => {
      const rights = oneOf(params.rights, 'rights', ['view', 'control']);
      const whose = session(params.session);
      if (!sessions.setRights(whose, rights)) {
        throw new Problem('forbidden', `${whose.identity?.user ?? 'this session'} may only watch`);
      }
      return {};
    },
    snapshot: async ({ stateFile, overlays }) => {
      await machine.engine.snapshot({
        stateFile: path(stateFile, 'stateFile'),
        overlays: list(overlays, 'overlays', MAX_OVERLAYS).map((overlay) => path(overlay, 'an overlay')),
      });
      return {};
    },
    saveState: async ({ stateFile }) => {
      await machine.engine.saveState(path(stateFile, 'stateFile'));
      isSaved = true;
      context.end('the machine was saved and turned off');
      return {};
    },
    balloon: async ({ memoryMiB }) => {
      await machine.engine.balloon(whole(memoryMiB, 'memoryMiB', 1, MAX_MEMORY_MIB));
      return {};
    },
  };
}

function status({ machine, visitors, startedAt, hardware }: OperationsContext): VmStatus {
  const { engine, display, state, reason } = machine;
  return {
    name: machine.name,
    pid: process.pid,
    engine: engine.kind,
    accel: engine.accel,
    state,
    ...(reason !== undefined && { reason }),
    width: display.width,
    height: display.height,
    startedAt,
    restarts: machine.restarts,
    power: [...engine.capabilities.power],
    sessions: visitors.list(),
    meters: {
      ...visitors.meters,
      ...display.meter,
      ...usage(),
    },
    hardware: hardware(),
  };
}
