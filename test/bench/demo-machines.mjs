import { DEMO, hasQemu, startQemu, startVitrine, until } from './machines.mjs';

const QEMU = ['--engine=qemu', '--accel=tcg', '--memory=64', `--kernel=${DEMO}`];

/** The demo guest behind the servers that are compared. */
const SERVERS = [
  { name: 'vitrine, emulator', needsQemu: false, start: () => startVitrine(['--demo']) },
  { name: 'vitrine, QEMU', needsQemu: true, start: () => startVitrine(QEMU) },
  { name: "QEMU's own VNC", needsQemu: true, start: startQemu },
];

/** Runs `measure` with each server in turn; what QEMU is missing for is left out. */
export async function withEach(measure) {
  const figures = {};
  const there = hasQemu();
  for (const { name, needsQemu, start } of SERVERS) {
    if (needsQemu && !there) continue;
    const server = await start();
    try {
      figures[name] = await measure(server.rfb);
    } finally {
      await server.stop();
    }
  }
  return figures;
}

// X11 keysyms.
export const KEY = { escape: 0xff1b, f4: 0xffc1, f5: 0xffc2, f6: 0xffc3, f7: 0xffc4 };

/** From its first own size on the guest takes keys: those that come before its first picture wait in its keyboard. */
export const desktopStands = (viewer) => until("the demo's desktop", () => viewer.width === 1024);
