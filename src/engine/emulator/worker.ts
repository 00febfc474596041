import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../base/errors.js';
import type { Rect } from '../../display/rect.js';
import type { Leds } from '../../input/events.js';
import { FramePacer } from './frame-pacer.js';
import { Guest } from './guest.js';
import { Screen } from './screen.js';
import { SerialOutput } from './serial-output.js';
import { type FromWorker, SHARED, type ToWorker, type WorkerStart } from './worker-messages.js';

/** v86 writes to the console what nobody would see; a guest must not fill the log with it. */
const MAX_LOG_LINES = 20;

const port = parentPort;
if (port === null) throw new Error('the emulator runs in a worker thread');
const start = workerData as WorkerStart;
const shared = new Int32Array(start.shared);
const post = (message: FromWorker): void => port.postMessage(message);

let logLines = 0;
const log = (...words: unknown[]): void => {
  if (logLines++ < MAX_LOG_LINES) post({ type: 'log', text: words.map(String).join(' ').slice(0, 1000) });
};
Object.assign(console, { log, info: log, warn: log, error: log, debug: log, assert: () => {} });

let painted: Rect[] = [];
/** Sent with the next look at the screen: a guest may change these a million times a second. */
let leds: Leds | undefined;
let absolutePointer: boolean | undefined;
const screen = new Screen(start.framebuffer, {
  size: ({ width, height }) => post({ type: 'size', width, height }),
  painted: (rect) => painted.push(rect),
});
const serial = new SerialOutput(shared, (text) => post({ type: 'serial', text }));
const pacer = new FramePacer(() => {
  if (leds !== undefined) post({ type: 'leds', leds });
  if (absolutePointer !== undefined) post({ type: 'absolute-pointer', on: absolutePointer });
  leds = undefined;
  absolutePointer = undefined;
  if (Atomics.load(shared, SHARED.frameInFlight) !== 0) return 'busy';
  screen.poll();
  const seen = painted.length === 0 ? 'nothing' : 'frame';
  if (seen === 'frame') {
    Atomics.store(shared, SHARED.frameInFlight, 1);
    post({ type: 'frame', rects: painted });
    painted = [];
  }
  // After the picture: who reads a line sees what the guest had painted before it.
  if (!screen.isWaiting) serial.flush();
  return seen;
});

const booting = Guest.boot(start, screen, {
  slice() {
    Atomics.add(shared, SHARED.heartbeat, 1);
    pacer.slice();
  },
  ended(how, reason) {
    pacer.now();
    post({ type: 'ended', how, reason });
  },
  leds: (lights) => {
    leds = lights;
  },
  absolutePointer: (on) => {
    absolutePointer = on;
  },
  serial: (byte) => serial.add(byte),
});

booting.then(
  (guest) => {
    port.on('message', (message: ToWorker) => handle(guest, message));
    post({ type: 'started' });
  },
  (thrown: unknown) => post({ type: 'failed', reason: messageOf(thrown) }),
);

function handle(guest: Guest, message: ToWorker): void {
  switch (message.type) {
    case 'key':
      pacer.hasten();
      guest.key(message.code, message.down);
      break;
    case 'pointer':
      pacer.hasten();
      guest.pointer(message.event, message.width, message.height);
      break;
    case 'pause':
      guest.pause();
      pacer.now();
      break;
    case 'resume':
      guest.resume();
      break;
    case 'resized':
      screen.accept();
      pacer.now();
      break;
    case 'serial':
      guest.serial(message.text);
      break;
    case 'save':
      attempt(() => post({ type: 'saved', state: guest.save() }));
      break;
    case 'move-disks':
      guest.moveDisks(message.disks);
      post({ type: 'moved' });
      break;
    case 'restore':
      attempt(() => {
        guest.restore(message.state);
        screen.invalidate();
        pacer.now();
        post({ type: 'restored' });
      });
      break;
  }
}

function attempt(action: () => void): void {
  try {
    action();
  } catch (thrown) {
    post({ type: 'refused', reason: messageOf(thrown) });
  }
}
