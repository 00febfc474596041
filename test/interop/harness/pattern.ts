import type { Clock } from '../../../src/base/clock.js';
import { Display } from '../../../src/display/display.js';
import { PatternEngine } from '../../../src/engine/pattern/pattern.js';
import { compare } from './compare.js';
import type { Picture } from './picture.js';
import { RfbProbe } from './rfb-probe.js';
import { PASSWORD, Vitrine } from './vitrine.js';
import { until } from './wait.js';

/** X keysyms of the test card's function keys: F1 is `F(1)`. */
export const F = (number: number): number => 0xffbd + number;
/** F5's scan code: it starts and stops the motion. */
const F5 = 0x3f;
/** Steps to look through: at ten a second, several minutes since the start. */
const MAX_STEPS = 5_000;

export interface PatternGuest {
  readonly vitrine: Vitrine;
  /** A viewer of our own that reports what the server gives to clients as raw pixels. */
  readonly probe: RfbProbe;
}

export async function startPattern(): Promise<PatternGuest> {
  const vitrine = await Vitrine.start(['--engine=pattern']);
  return { vitrine, probe: await RfbProbe.connect(vitrine.vnc, PASSWORD) };
}

/** Stops the motion; resolves with the picture at rest. */
export async function freeze({ probe }: PatternGuest): Promise<Picture> {
  probe.key(F(5));
  return atRest(probe);
}

/** The probe's picture once no update has come for half a second. */
export async function atRest(probe: RfbProbe): Promise<Picture> {
  let [updates, sinceMs] = [-1, 0];
  return until('the test card rests', () => {
    if (probe.updates !== updates) [updates, sinceMs] = [probe.updates, Date.now()];
    return Date.now() - sinceMs >= 500 ? probe.picture() : undefined;
  });
}

/**
 * The test card as its engine draws it, in this process: run on to where `picture` is, then told the same key.
 * It reaches no server, so it can tell whether the server's pixels are the engine's.
 */
export async function drawnByEngine(picture: Picture): Promise<Picture> {
  let step: (() => void) | undefined;
  const clock: Clock = {
    now: () => 0,
    after(_ms, callback) {
      step = callback;
      return () => {
        step = undefined;
      };
    },
  };
  const engine = new PatternEngine({ clock });
  const display = new Display(640, 480);
  await engine.start(display);
  const drawn = (): Picture => {
    const { width, height, words } = display.framebuffer;
    return { width, height, pixels: words.slice(0, width * height).map((word) => word & 0xffffff) };
  };
  try {
    for (let i = 0; i < MAX_STEPS; i++) {
      const { count, box } = compare(drawn(), picture);
      // All that is left is the one line that shows the key.
      if (count > 0 && box.height <= 20) {
        engine.key(F5, true);
        engine.key(F5, false);
        return drawn();
      }
      step?.();
    }
  } finally {
    await engine.stop();
    display.close();
  }
  throw new Error(`the test card never looks like that in ${MAX_STEPS} steps`);
}
