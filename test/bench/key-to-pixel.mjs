// From a key sent over RFB to the pixel of the guest's answer in this process: the demo's flicker scene inverts a square
// on each key. Keys come as somebody types them, every 80 to 220 ms: at irregular intervals, so that they meet every phase
// of whatever timer there is, and far enough apart for one that slows down while nothing changes.
import { desktopStands, KEY, withEach } from './demo-machines.mjs';
import { latency } from './figures.mjs';
import { pause } from './machines.mjs';
import { RAW, RfbViewer } from './rfb-viewer.mjs';

const KEYS = 30;
const [PAUSE_MS, MORE_MS] = [80, 140];
const SQUARE = [128, 128];
const [BLACK, WHITE] = [0x000000, 0xffffff];
const LETTER = 0x61;

/** The same sequence in each run. */
function irregular(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) / (1 << 24);
  };
}

async function keys(server) {
  const viewer = await RfbViewer.connect(server, [RAW], SQUARE);
  try {
    await desktopStands(viewer);
    // The screen is as black as the square until the desktop stands there.
    await viewer.colour((colour) => colour !== BLACK);
    viewer.press(KEY.f7);
    await viewer.colour((colour) => colour === BLACK);
    const random = irregular(1);
    const ms = [];
    for (let i = 0; i < KEYS; i++) {
      await pause(PAUSE_MS + MORE_MS * random());
      const next = i % 2 === 0 ? WHITE : BLACK;
      const startMs = performance.now();
      viewer.key(LETTER, true);
      await viewer.colour((colour) => colour === next);
      ms.push(performance.now() - startMs);
      viewer.key(LETTER, false);
    }
    return latency(ms);
  } finally {
    viewer.close();
  }
}

export const keyToPixel = () => withEach(keys);
