import type { Emitter } from '../base/events.js';
import type { Display } from '../display/display.js';
import type { Leds, PointerEvent, ScanCode } from '../input/events.js';

/**
 * - 'off': not started, or ended as asked
 * - 'starting' / 'running' / 'paused': as it says
 * - 'stopped': the guest ended by itself (it powered off)
 * - 'crashed': the engine died or lost the guest; `reason` says how
 */
export type EngineState = 'off' | 'starting' | 'running' | 'paused' | 'stopped' | 'crashed';

export interface EngineStateChange {
  readonly state: EngineState;
  /** One line for people, where there is something to say. */
  readonly reason?: string;
}

export type PowerAction = 'pause' | 'resume' | 'reset' | 'shutdown' | 'off';

/** What this engine can do with this machine; fixed once `start` has resolved. */
export interface EngineCapabilities {
  /** Power actions that work. 'shutdown' is the ACPI button: a request to the guest. */
  readonly power: ReadonlySet<PowerAction>;
  /** The guest takes pointer positions rather than movements. May change while it runs. */
  readonly absolutePointer: boolean;
  /** `requestSize` may have an effect. */
  readonly resize: boolean;
  /** `saveState` and `snapshot` work, and another instance can start from what they wrote. */
  readonly saveState: boolean;
  /** `balloon` works, if the guest has a driver for it. */
  readonly balloon: boolean;
}

export interface SnapshotFiles {
  /** Where the state goes. */
  readonly stateFile: string;
  /**
   * Where the guest writes from now on: qcow2 images that exist already, one for each disk that is a file and not
   * read-only, in the definition's order, each with the present image of that disk behind it.
   */
  readonly overlays: readonly string[];
}

/**
 * A VM core as a black box with a screen, a keyboard and a pointer. One instance is one run of one machine:
 * start once, stop once. After `stop` resolves nothing is left: no process, socket, timer, file.
 * Nothing that the guest does makes a method throw; it becomes a state.
 */
export interface Engine {
  /** 'qemu', 'rfb', 'pattern', 'emulator'. */
  readonly kind: string;
  /** What accelerates it, or null where the word has no meaning: 'kvm', 'tcg', … */
  readonly accel: string | null;
  readonly state: EngineState;
  readonly capabilities: EngineCapabilities;
  readonly onState: Emitter<EngineStateChange>;
  readonly onLeds: Emitter<Leds>;

  /**
   * Starts the guest; its pictures go into `display` from now on. Resolves when the guest runs (its first frame
   * may come later). Rejects with a UserError for what the user can mend; the engine is then already cleaned up.
   * An engine that was made to go on from a state uses its file up: it is gone before the guest moves, and still there
   * where the guest has not.
   */
  start(display: Display, signal?: AbortSignal): Promise<void>;
  /** Ends the guest at once, as pulling the plug does, and releases everything. Safe to call at any time, twice too. */
  stop(): Promise<void>;

  /** A key went down or up. Ignored unless running. */
  key(code: ScanCode, down: boolean): void;
  /** The pointer, in pixels of the display. Ignored unless running. */
  pointer(event: PointerEvent): void;

  /** Rejects with a UserError where the action is not among the capabilities or the state forbids it. */
  power(action: PowerAction): Promise<void>;
  /** Asks the guest for another screen size; resolves to whether it was asked. The answer is a display resize, or none. */
  requestSize(width: number, height: number): Promise<boolean>;

  // These reject with a Problem: 'not-supported', 'wrong-state', or 'failed' with the guest as it was before.

  /**
   * Writes everything that the guest is besides its disks to `file`, which appears whole or not at all. The guest is
   * paused afterwards; a state is good only together with the disks as they were at that moment.
   */
  saveState(file: string): Promise<void>;
  /** Writes the state and moves the disks on to overlays, in one moment of the guest; it then goes on as it was. */
  snapshot(files: SnapshotFiles): Promise<void>;
  /** Asks the guest to keep to `memoryMiB` of its memory from now on. */
  balloon(memoryMiB: number): Promise<void>;
}
