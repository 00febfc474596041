import type { Leds } from '../../input/events.js';
import type { Cpu, Port } from './v86.js';

/** Where emulated machines have the ACPI power management control register: Bochs and old QEMU, then QEMU. */
const PM_CONTROL_PORTS = [0xb004, 0x604] as const;
/** SLP_EN; the sleep type beside it is 0 (S5) on these machines, and nothing else works here. */
const SLEEP_ENABLE = 0x2000;
/** Bochs' power switch: the letters of a word, one write each. SeaBIOS uses it for APM. */
const SHUTDOWN_PORT = 0x8900;
const SHUTDOWN_WORD = 'Shutdown';

/**
 * v86 makes an object for each of the 65,536 ports, 5 MB of them, though devices are behind a few hundred. The others
 * share one here; who registers for such a port gets one of its own again.
 */
export function shareEmptyPorts({ io }: Cpu): void {
  const empty: Port = io.create_empty_entry();
  const names = Object.keys(empty) as (keyof Port)[];
  for (const [i, port] of io.ports.entries()) {
    if (names.every((name) => port[name] === empty[name])) io.ports[i] = empty;
  }
  for (const register of ['register_read', 'register_write'] as const) {
    const own = io[register];
    io[register] = (port, device, ...functions) => {
      if (io.ports[port] === empty) io.ports[port] = io.create_empty_entry();
      own.call(io, port, device, ...functions);
    };
  }
}

/** Calls back with what the guest wants its keyboard lights to be: v86 itself takes the command and drops it. */
export function hookLeds(cpu: Cpu, changed: (leds: Leds) => void): void {
  const { ps2 } = cpu.devices;
  cpu.io.register_write(0x60, ps2, (value) => {
    const isLeds =
      ps2.next_read_led &&
      !ps2.read_command_register &&
      !ps2.read_output_register &&
      !ps2.next_read_sample &&
      !ps2.next_read_resolution;
    ps2.port60_write(value);
    if (!isLeds) return;
    changed({ scrollLock: (value & 1) !== 0, numLock: (value & 2) !== 0, capsLock: (value & 4) !== 0 });
  });
}

/** Calls back when the guest ends itself, within the instruction that does it. */
export function hookPower(cpu: Cpu, ended: (how: 'poweroff' | 'reset') => void): void {
  // v86's own reset runs the machine on without firmware, and never returns from that.
  cpu.reboot_internal = () => ended('reset');
  const device = { name: 'power' };
  for (const port of PM_CONTROL_PORTS) {
    const write = (value: number) => {
      if ((value & SLEEP_ENABLE) !== 0) ended('poweroff');
    };
    cpu.io.register_write(port, device, undefined, write, write);
  }
  let letters = 0;
  cpu.io.register_write(SHUTDOWN_PORT, device, (value) => {
    letters = value === SHUTDOWN_WORD.charCodeAt(letters) ? letters + 1 : 0;
    if (letters === SHUTDOWN_WORD.length) ended('poweroff');
  });
}
