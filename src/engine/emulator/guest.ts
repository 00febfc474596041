import { messageOf } from '../../base/errors.js';
import type { Leds, PointerEvent, ScanCode } from '../../input/events.js';
import { DiskBuffer, type DiskHandle } from './disk-buffer.js';
import { Governor } from './governor.js';
import { keyBytes } from './keyboard.js';
import { setVideoMode, videoModeIn } from './linux-kernel.js';
import { Pointer } from './pointer.js';
import { hookLeds, hookPower, shareEmptyPorts } from './ports.js';
import { type MemorySizes, unwrapState, wrapState } from './saved-state.js';
import type { Screen } from './screen.js';
import { type Cpu, type Emulator, makeEmulator, type V86Settings } from './v86.js';
import type { WorkerStart } from './worker-messages.js';

/** v86's keyboard queue holds 1024 bytes and overwrites itself; releases still fit above this mark. */
const MAX_QUEUED_KEY_BYTES = 768;
/** The first base address register, in words of configuration space. */
const FIRST_BAR = 4;

export interface GuestEvents {
  /** After every slice that the guest ran. */
  slice(): void;
  ended(how: 'poweroff' | 'reset' | 'crashed', reason: string): void;
  leds(leds: Leds): void;
  absolutePointer(on: boolean): void;
  serial(byte: number): void;
}

/** One emulated machine in this thread, from power on to its end. It is never reused. */
export class Guest {
  readonly #emulator: Emulator;
  readonly #cpu: Cpu;
  readonly #governor: Governor;
  readonly #pointer: Pointer;

  readonly #disks: readonly DiskBuffer[];
  readonly #sizes: MemorySizes;
  readonly #events: GuestEvents;
  #leds: Leds | undefined;

  private constructor(
    emulator: Emulator,
    start: WorkerStart,
    disks: readonly DiskBuffer[],
    screen: Screen,
    events: GuestEvents,
  ) {
    this.#disks = disks;
    this.#emulator = emulator;
    this.#sizes = start;
    this.#events = events;
    const { cpu } = emulator.v86;
    this.#cpu = cpu;
    const { ps2, vga } = cpu.devices;
    emulator.screen_adapter = screen;
    vga.screen = screen;
    screen.attach(cpu);
    this.#governor = new Governor(
      emulator.v86,
      start.cpuCap,
      () => events.slice(),
      (thrown) => events.ended('crashed', reasonOf(thrown)),
    );
    this.#pointer = new Pointer({
      get isStreaming() {
        return ps2.enable_mouse_stream;
      },
      get queuedBytes() {
        return ps2.mouse_buffer.length;
      },
      send: (name, data) => emulator.bus.send(name, data),
    });
    closeBarHoles(cpu.devices.pci);
    shareEmptyPorts(cpu);
    hookLeds(cpu, (leds) => {
      this.#leds = leds;
      events.leds(leds);
    });
    hookPower(cpu, (how) => {
      this.#governor.kill();
      events.ended(how, how === 'reset' ? 'the guest reset itself' : 'the guest powered off');
    });
    emulator.add_listener('mouse-enable', () => this.#pointer.forget());
    emulator.add_listener('vmware-absolute-mouse', (on: boolean) => {
      this.#pointer.setAbsolute(on);
      events.absolutePointer(on);
    });
    emulator.add_listener('serial0-output-byte', (byte: number) => events.serial(byte));
  }

  /** Makes the machine and lets it run. */
  static async boot(start: WorkerStart, screen: Screen, events: GuestEvents): Promise<Guest> {
    const disks = start.disks.map((handle) => new DiskBuffer(handle));
    const emulator = await makeEmulator(settingsOf(start, disks));
    const guest = new Guest(emulator, start, disks, screen, events);
    const { bzimage, append } = start.images;
    const mode = bzimage === undefined ? undefined : videoModeIn(append ?? '');
    if (mode !== undefined) setVideoMode(emulator.v86.cpu.mem8, mode);
    // Before its first instruction: it would paint, and write to its disks.
    if (start.state !== undefined) guest.#become(unwrapState(start.state, start));
    emulator.v86.run();
    return guest;
  }

  key(code: ScanCode, down: boolean): void {
    const { kbd_buffer } = this.#cpu.devices.ps2;
    if (down && kbd_buffer.length > MAX_QUEUED_KEY_BYTES) return;
    for (const byte of keyBytes(code, down)) this.#emulator.bus.send('keyboard-code', byte);
  }

  pointer(event: PointerEvent, width: number, height: number): void {
    this.#pointer.handle(event, width, height);
  }

  serial(text: string): void {
    for (const byte of new TextEncoder().encode(text)) this.#emulator.bus.send('serial0-input', byte);
  }

  pause(): void {
    this.#governor.pause();
  }
  resume(): void {
    this.#governor.resume();
  }

  moveDisks(handles: readonly DiskHandle[]): void {
    this.#disks.forEach((disk, i) => {
      disk.moveTo(handles[i]!);
    });
  }

  save(): Uint8Array {
    const told = { absolutePointer: this.#pointer.isAbsolute, leds: this.#leds };
    return wrapState(new Uint8Array(this.#emulator.v86.save_state()), this.#sizes, told);
  }

  /** Throws when the state is of another machine; this one then goes on as it was. */
  restore(state: Uint8Array): void {
    const own = unwrapState(state, this.#sizes);
    try {
      this.#become(own);
    } catch (thrown) {
      // Half of the machine is the saved one now.
      this.#governor.kill();
      this.#events.ended('crashed', `guest stopped: the saved state is damaged: ${messageOf(thrown)}`);
    }
  }

  #become({ state, told }: ReturnType<typeof unwrapState>): void {
    this.#emulator.v86.restore_state(state);
    this.#leds = told.leds;
    if (told.leds !== undefined) this.#events.leds(told.leds);
    this.#pointer.setAbsolute(told.absolutePointer);
    this.#events.absolutePointer(told.absolutePointer);
  }
}

/**
 * Some of v86's PCI devices say in their configuration space that an address register is for I/O ports and have none
 * behind it. Firmware clears such registers; without it, restoring a state fails on them.
 */
function closeBarHoles({ devices, device_spaces }: Cpu['devices']['pci']): void {
  device_spaces.forEach((space, at) => {
    devices[at]?.pci_bars.forEach((bar, i) => {
      const register = FIRST_BAR + i;
      if (bar === undefined && space !== undefined) space[register] = (space[register] ?? 0) & ~1;
    });
  });
}

function settingsOf(start: WorkerStart, [hda, hdb]: readonly DiskBuffer[]): V86Settings {
  const { images } = start;
  return {
    wasm_fn: (imports) => instantiate(start.wasm, imports),
    memory_size: start.memoryBytes,
    vga_memory_size: start.vgaMemoryBytes,
    ...image('bios', images.bios),
    ...image('vga_bios', images.vgaBios),
    ...image('multiboot', images.multiboot),
    ...image('bzimage', images.bzimage),
    ...image('initrd', images.initrd),
    ...image('fda', images.floppy),
    ...(images.append === undefined ? {} : { cmdline: images.append }),
    ...(start.cdrom === undefined ? {} : { cdrom: new DiskBuffer(start.cdrom) }),
    ...(hda === undefined ? {} : { hda }),
    ...(hdb === undefined ? {} : { hdb }),
  };
}

/** v86 writes into what it is given (kernel headers, floppies), and wants a whole ArrayBuffer. */
function image<Name extends 'bios' | 'vga_bios' | 'multiboot' | 'bzimage' | 'initrd' | 'fda'>(
  name: Name,
  bytes: Uint8Array | undefined,
): Partial<Pick<V86Settings, Name>> {
  return bytes === undefined ? {} : ({ [name]: { buffer: Uint8Array.from(bytes).buffer } } as Pick<V86Settings, Name>);
}

declare const WebAssembly: {
  instantiate(module: object, imports: object): Promise<{ readonly exports: object }>;
};

async function instantiate(module: object, imports: object): Promise<object> {
  return (await WebAssembly.instantiate(module, imports)).exports;
}

function reasonOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  // The build that we use has its messages compiled out: all that is left of a triple fault is a WASM trap, and of page
  // tables that it cannot walk (PAE) a fault within a fault, over and over.
  if (message === 'unreachable' || message === 'Maximum call stack size exceeded') {
    return 'guest stopped: triple fault, or a CPU feature that the emulator lacks (PAE, 64 bits)';
  }
  // Numbers of the guest's that v86 passes on as they are: tables for DMA that reach beyond memory.
  if (thrown instanceof RangeError) return `guest stopped: it asked a device for what cannot be (${message})`;
  return `guest stopped: ${message}`;
}
