import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, describe, expect, type TestContext, test } from 'vitest';
import type { Clock } from '../../src/base/clock.js';
import { Problem, UserError } from '../../src/base/errors.js';
import { Display } from '../../src/display/display.js';
import { moveWords } from '../../src/display/framebuffer.js';
import type { DisplayView } from '../../src/display/view.js';
import type { Engine, EngineStateChange, PowerAction } from '../../src/engine/engine.js';

/** An engine that has not been started, and what the suite needs to know of its guest. */
export interface EngineFixture {
  readonly engine: Engine;
  /** Makes the guest change a part of its picture; a different change each time. Absent: the key below does. */
  stir?(): void | Promise<void>;
  /** A key that changes the picture when it goes down; absent where this guest takes no keys. */
  readonly echoKey?: number;
  /** Places at which the pointer shows; absent where this guest shows none. */
  readonly pointerAt?: readonly (readonly [x: number, y: number])[];
  /** False for a guest that may be asked for another size but has no driver that follows. */
  readonly followsSize?: false;
  /** Makes the guest change its screen to another size. */
  changeMode?(): void | Promise<void>;
  /** Kills what the engine needs; the state must become `state`, with a reason. */
  readonly loss?: { readonly state: 'crashed' | 'stopped' | 'starting'; cause(): void | Promise<void> };
  /** Whether the guest has booted so far that only `stir` changes its picture; absent where it always has. */
  isUp?(display: Display): boolean;
  /** For an engine that saves states. */
  readonly saving?: {
    /** A folder for files of the test. */
    readonly folder: string;
    /** New overlays for the disks that the guest writes to. */
    overlays(): readonly string[];
    /** Another instance of the same machine, that goes on from a state. */
    another(stateFile: string): Engine;
  };
  /** Releases what the fixture itself started. */
  close(): Promise<void>;
}

const ALL_ACTIONS: readonly PowerAction[] = ['pause', 'resume', 'reset', 'shutdown', 'off'];

/** A viewer's model of the screen: what it shows after applying every update it took, and nothing else. */
class Viewer {
  readonly #display: Display;
  readonly #view: DisplayView;
  #words = new Uint32Array(0);

  constructor(display: Display) {
    this.#display = display;
    this.#view = display.view();
  }

  get isPending(): boolean {
    return this.#view.hasPixels;
  }

  /** Takes what is pending. */
  update(): void {
    const { framebuffer } = this.#display;
    const update = this.#view.take();
    if (update.size !== undefined) this.#words = new Uint32Array(update.size.width * update.size.height);
    for (const copy of update.copies) moveWords(this.#words, framebuffer.width, copy.to, copy.fromX, copy.fromY);
    for (const r of update.rects) {
      for (let y = r.y; y < r.y + r.height; y++) {
        const at = y * framebuffer.width + r.x;
        this.#words.set(framebuffer.words.subarray(at, at + r.width), at);
      }
    }
    this.#view.sent();
  }

  /** Whether the model shows the guest's colours everywhere. */
  get isTrue(): boolean {
    const { words } = this.#display.framebuffer;
    return (
      this.#words.length === words.length && words.every((w, i) => (w & 0xffffff) === (this.#words[i]! & 0xffffff))
    );
  }

  close(): void {
    this.#view.close();
  }
}

/** Publishes at once whatever is committed, so that nothing waits for a frame's time. */
function hurriedClock(): Clock {
  let ms = 0;
  return { now: () => (ms += 1000), after: () => () => {} };
}

/** Waits for a fact; the test's own time limit ends it. */
async function until(fact: () => boolean): Promise<void> {
  while (!fact()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Handles of the process by kind, without what comes and goes by itself. */
function handles(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (!/^(Immediate|FSReq|GetAddrInfo)/.test(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** Whether there are no more handles of any kind than there were; some of the fixture's may have gone meanwhile. */
function noMoreThan(before: Map<string, number>): boolean {
  return [...handles()].every(([kind, count]) => count <= (before.get(kind) ?? 0));
}

/** What every Engine promises, tried on one kind of engine. `create` is called for each test. */
export function engineSuite(name: string, create: () => Promise<EngineFixture>): void {
  describe(`engine: ${name}`, () => {
    const fixtures: EngineFixture[] = [];
    afterEach(async () => {
      for (const fixture of fixtures.splice(0)) {
        await fixture.engine.stop();
        await fixture.close();
      }
    });

    async function prepared() {
      const fixture = await create();
      fixtures.push(fixture);
      const display = new Display(320, 200, hurriedClock());
      const states: EngineStateChange[] = [];
      fixture.engine.onState.on((change) => states.push(change));
      return { ...fixture, fixture, display, states };
    }

    async function running() {
      const all = await prepared();
      await all.engine.start(all.display);
      await until(() => all.display.hasFrame);
      return all;
    }

    /** Changes the picture by whatever means this guest has. */
    async function stir({ engine, fixture }: { engine: Engine; fixture: EngineFixture }): Promise<void> {
      if (fixture.stir !== undefined) await fixture.stir();
      else if (fixture.echoKey !== undefined) {
        engine.key(fixture.echoKey, true);
        engine.key(fixture.echoKey, false);
      } else throw new Error('this fixture has no means to change its picture');
    }

    /** Until the picture has stood still for some looks in a row, and the viewer has all of it. */
    async function settled(viewer: Viewer): Promise<void> {
      // What came during the last wait counts too: a guest that boots pauses, and goes on. And where a picture arrives in
      // parts, the framebuffer is ahead of what is told of it; a part that is never told of lasts until the time is up.
      for (let still = 0; still < 15 || viewer.isPending || !viewer.isTrue; still++) {
        if (viewer.isPending) still = 0;
        viewer.update();
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }

    test('runs, shows its first picture, stops, and leaves nothing behind', async () => {
      const { engine, display, states } = await prepared();
      const before = handles();
      expect(engine.state).toBe('off');
      await engine.start(display);
      expect(engine.state).toBe('running');
      await until(() => display.hasFrame);
      expect(display.framebuffer.words.some((word) => (word & 0xffffff) !== 0)).toBe(true);
      await engine.stop();
      expect(engine.state).toBe('off');
      expect(states.map(({ state }) => state)).toEqual(['starting', 'running', 'off']);
      await until(() => noMoreThan(before));
    });

    test('can be stopped at any time, twice too, and started only once', async () => {
      const fresh = await prepared();
      await fresh.engine.stop();
      expect(fresh.states).toEqual([]);
      const { engine, display, states } = await running();
      await Promise.all([engine.stop(), engine.stop()]);
      await engine.stop();
      expect(states.filter(({ state }) => state === 'off').length).toBe(1);
      await expect(engine.start(display)).rejects.toThrow();
    });

    test('another instance takes the same display over', async () => {
      const { engine, display } = await running();
      await engine.stop();
      const next = await prepared();
      const viewer = new Viewer(display);
      await next.engine.start(display);
      await stir(next);
      await until(() => viewer.isPending);
      await settled(viewer);
      expect(viewer.isTrue).toBe(true);
      viewer.close();
    });

    test('does not start for a caller who has given up', async () => {
      const { engine, display } = await prepared();
      await expect(engine.start(display, AbortSignal.abort(new Error('given up')))).rejects.toThrow('given up');
      expect(engine.state).toBe('off');
    });

    test('reports every change of its picture', async () => {
      const all = await running();
      const viewer = new Viewer(all.display);
      await settled(viewer);
      expect(viewer.isTrue).toBe(true);
      for (let round = 0; round < 5; round++) {
        await stir(all);
        await until(() => viewer.isPending);
        await settled(viewer);
        expect(viewer.isTrue).toBe(true);
      }
      viewer.close();
    });

    test('follows the guest to another screen size', async (context) => {
      const all = await running();
      if (all.fixture.changeMode === undefined) return context.skip();
      const viewer = new Viewer(all.display);
      const resized = all.display.onResize.next();
      await all.fixture.changeMode();
      const size = await resized;
      await settled(viewer);
      expect([all.display.width, all.display.height]).toEqual([size.width, size.height]);
      expect(viewer.isTrue).toBe(true);
      await stir(all);
      await until(() => viewer.isPending);
      await settled(viewer);
      expect(viewer.isTrue).toBe(true);
      viewer.close();
    });

    test('asks for another size if it says it can', async () => {
      const { engine, display, fixture } = await running();
      const resized = display.onResize.next();
      const asked = await engine.requestSize(800, 600);
      expect(asked).toBe(engine.capabilities.resize);
      if (asked && fixture.followsSize !== false) expect(await resized).toEqual({ width: 800, height: 600 });
      expect(await engine.requestSize(100_000, 5)).toBe(false);
    });

    test('brings keys to the guest', async (context) => {
      const { engine, display, fixture } = await running();
      if (fixture.echoKey === undefined) return context.skip();
      const viewer = new Viewer(display);
      await settled(viewer);
      engine.key(fixture.echoKey, true);
      engine.key(fixture.echoKey, false);
      await until(() => viewer.isPending);
      viewer.close();
    });

    test('brings the pointer to the guest', async (context) => {
      const { engine, display, fixture } = await running();
      if (fixture.pointerAt === undefined) return context.skip();
      const viewer = new Viewer(display);
      for (const [x, y] of fixture.pointerAt) {
        await settled(viewer);
        engine.pointer({ x, y, buttons: 0 });
        await until(() => viewer.isPending);
      }
      viewer.close();
    });

    test('takes input that makes no sense without harm', async () => {
      const { engine } = await running();
      for (const code of [0, 0x7f, 0xff, 0x1ff]) {
        engine.key(code, true);
        engine.key(code, false);
      }
      engine.pointer({ x: 65_535, y: 65_535, buttons: 31, wheelX: 3, wheelY: -3 });
      engine.pointer({ x: 0, y: 0, buttons: 0 });
      expect(engine.state).toBe('running');
    });

    test('stands still while it is paused, and goes on', async (context) => {
      const all = await running();
      const { engine, display, fixture } = all;
      if (!engine.capabilities.power.has('pause') || fixture.echoKey === undefined) return context.skip();
      const viewer = new Viewer(display);
      await engine.power('pause');
      expect(engine.state).toBe('paused');
      await settled(viewer);
      engine.key(fixture.echoKey, true);
      engine.key(fixture.echoKey, false);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(viewer.isPending).toBe(false);
      await expect(engine.power('pause')).rejects.toThrow(UserError);
      await engine.power('resume');
      expect(engine.state).toBe('running');
      await stir(all);
      await until(() => viewer.isPending);
      viewer.close();
    });

    test('refuses what it cannot do, and does what it can', async () => {
      const { engine } = await running();
      for (const action of ALL_ACTIONS) {
        if (!engine.capabilities.power.has(action)) await expect(engine.power(action)).rejects.toThrow(UserError);
      }
      await expect(engine.power('resume')).rejects.toThrow(UserError);
      if (engine.capabilities.power.has('reset')) {
        await engine.power('reset');
        expect(engine.state).toBe('running');
      }
      expect(engine.capabilities.power.has('off')).toBe(true);
      await engine.power('off');
      expect(engine.state).toBe('off');
      for (const action of ALL_ACTIONS) await expect(engine.power(action)).rejects.toThrow(UserError);
    });

    /** The picture, without the byte that means nothing. */
    const picture = (display: Display): Uint32Array => display.framebuffer.words.map((word) => word & 0xffffff);
    /** Compared by machine: a difference of a million numbers helps nobody. */
    const areSame = (a: Uint32Array, b: Uint32Array): boolean =>
      a.length === b.length && a.every((word, i) => word === b[i]);

    /** A guest of which only `stir` changes the picture, and which has changed it. */
    async function stirred(context: TestContext) {
      const all = await running();
      const { saving } = all.fixture;
      if (saving === undefined) return context.skip();
      const viewer = new Viewer(all.display);
      do {
        await stir(all);
        await settled(viewer);
      } while (all.fixture.isUp?.(all.display) === false);
      return { ...all, saving, viewer };
    }

    /** Another instance of `fixture`'s machine, which goes on from `file`, and its screen. */
    async function resumed(fixture: EngineFixture, file: string) {
      const engine = fixture.saving!.another(file);
      fixtures.push({ engine, close: async () => {} });
      const display = new Display(320, 200, hurriedClock());
      const viewer = new Viewer(display);
      const isThere: boolean[] = [];
      engine.onState.on(() => isThere.push(existsSync(file)));
      await engine.start(display);
      expect(engine.state).toBe('running');
      // Starting and running: nobody goes on from it twice.
      expect(isThere).toEqual([true, false]);
      expect(readdirSync(dirname(file)).filter((name) => name.startsWith(basename(file)))).toEqual([]);
      await until(() => display.hasFrame);
      await settled(viewer);
      return { engine, fixture, display, viewer };
    }

    test('a snapshot is the guest as it was, and the guest goes on', async (context) => {
      const all = await stirred(context);
      const { engine, display, fixture, saving, states, viewer } = all;
      const before = picture(display);
      const size = [display.width, display.height];
      const stateFile = join(saving.folder, 'snapshot');
      await engine.snapshot({ stateFile, overlays: saving.overlays() });
      expect(states.map(({ state }) => state)).toEqual(['starting', 'running', 'paused', 'running']);
      expect(readdirSync(saving.folder).filter((name) => name.startsWith('snapshot'))).toEqual(['snapshot']);
      await stir(all);
      await until(() => viewer.isPending);
      await settled(viewer);
      expect(areSame(picture(display), before)).toBe(false);
      await engine.stop();

      const again = await resumed(fixture, stateFile);
      expect([again.display.width, again.display.height]).toEqual(size);
      expect(areSame(picture(again.display), before)).toBe(true);
      await stir({ ...again, fixture: { ...fixture, engine: again.engine } });
      await until(() => areSame(picture(again.display), picture(display)));
    });

    test('a guest whose state was saved is paused, and can go on here or elsewhere', async (context) => {
      const all = await stirred(context);
      const { engine, display, fixture, saving, viewer } = all;
      expect(engine.capabilities.saveState).toBe(true);
      const [first, second] = ['first', 'second'].map((name) => join(saving.folder, name));
      await engine.saveState(first!);
      expect(engine.state).toBe('paused');
      await engine.saveState(second!);
      expect(engine.state).toBe('paused');
      await settled(viewer);
      await engine.power('resume');
      await stir(all);
      await until(() => viewer.isPending);
      await engine.saveState(second!);
      // It may have been in the middle of its drawing, which both finish.
      await engine.power('resume');
      await settled(viewer);
      const here = picture(display);
      await engine.stop();
      expect(areSame(picture((await resumed(fixture, second!)).display), here)).toBe(true);
    });

    test('two savings at once are one too many; a place that takes no file leaves the guest running', async (context) => {
      const all = await running();
      const { engine, display, fixture } = all;
      if (fixture.saving === undefined) return context.skip();
      const { folder } = fixture.saving;
      const saving = engine.saveState(join(folder, 'state'));
      await expect(engine.saveState(join(folder, 'state'))).rejects.toMatchObject({ code: 'busy' });
      await saving;
      await engine.power('resume');
      const nowhere = join(folder, 'nowhere', 'state');
      await expect(engine.saveState(nowhere)).rejects.toMatchObject({ code: 'failed', message: /no such folder$/ });
      await expect(engine.snapshot({ stateFile: nowhere, overlays: [] })).rejects.toBeInstanceOf(Problem);
      expect(engine.state).toBe('running');
      const viewer = new Viewer(display);
      await settled(viewer);
      await stir(all);
      await until(() => viewer.isPending);
    });

    test('a file that is no state of this machine is refused with one line', async (context) => {
      const { engine, fixture } = await running();
      if (fixture.saving === undefined) return context.skip();
      const { folder } = fixture.saving;
      const good = join(folder, 'good');
      await engine.saveState(good);
      await engine.stop();
      const bytes = readFileSync(good);
      const bad = {
        'cut off': bytes.subarray(0, bytes.length - 1000),
        'no state': Buffer.alloc(100_000, 'x'),
        'nothing in it': Buffer.alloc(0),
        'damaged in the middle': bytes.map((byte, i) => (i >> 6 === bytes.length >> 7 ? byte ^ 0x55 : byte)),
        'of another engine': Buffer.from(
          bytes.toString('latin1').replace(/"engine":"\w+"/, '"engine":"stone"'),
          'latin1',
        ),
      };
      const paths = Object.entries(bad).map(([name, content]) => {
        writeFileSync(join(folder, name), content);
        return join(folder, name);
      });
      for (const path of [...paths, join(folder, 'missing'), folder]) {
        const another = fixture.saving.another(path);
        const error = await another.start(new Display(320, 200, hurriedClock())).catch((reason: unknown) => reason);
        expect(error, path).toBeInstanceOf(Problem);
        expect(error).toMatchObject({ code: 'failed' });
        expect((error as Problem).message).toMatch(/^[a-z][^\n]*[^.\n]$/);
        expect((error as Problem).message).toContain(path);
        expect(another.state).toBe('off');
      }
      for (const path of paths) expect(existsSync(path)).toBe(true);
    });

    test('says what it cannot save, and when', async () => {
      const { engine, fixture, display } = await prepared();
      const files = { stateFile: '/nowhere/state', overlays: [] };
      const code = fixture.saving === undefined ? 'not-supported' : 'wrong-state';
      await expect(engine.saveState('/nowhere/state')).rejects.toMatchObject({ code });
      await expect(engine.snapshot(files)).rejects.toMatchObject({ code });
      await expect(engine.balloon(16)).rejects.toBeInstanceOf(Problem);
      await engine.start(display);
      expect(engine.capabilities.saveState).toBe(fixture.saving !== undefined);
    });

    test('turns the loss of its guest into a state, and can be stopped then', async (context) => {
      const { engine, fixture, states } = await running();
      if (fixture.loss === undefined) return context.skip();
      await fixture.loss.cause();
      const { state } = fixture.loss;
      await until(() => engine.state === state);
      expect(states.at(-1)?.reason).toMatch(/^.+$/);
      engine.key(0x1e, true);
      engine.pointer({ x: 1, y: 1, buttons: 1 });
      expect(await engine.requestSize(800, 600)).toBe(false);
      await engine.stop();
      expect(engine.state).toBe('off');
    });
  });
}
