import type { Colour } from '../../../src/paint/canvas.js';
import type { MachineState } from '../../api/views.js';

/** Calm and dark: what is bright is what somebody can do. */
export const THEME = {
  paper: 0x11161b,
  panel: 0x1b2229,
  raised: 0x242d36,
  line: 0x303b46,
  ink: 0xe4e9ee,
  soft: 0x93a1af,
  faint: 0x5d6b79,
  accent: 0xffb000,
  onAccent: 0x1a1200,
} as const;

const IDLE = 0x5d6b79;
const BUSY = 0xffb000;
export const STATE_COLOURS: Readonly<Record<MachineState, Colour>> = {
  running: 0x46c98b,
  paused: 0x5aa9e6,
  saved: 0x5aa9e6,
  starting: BUSY,
  saving: BUSY,
  stopping: BUSY,
  off: IDLE,
  template: IDLE,
  crashed: 0xe5605a,
  invalid: 0xe5605a,
};

/** Edge of a text pixel: the font stays readable on small screens and does not get lost on large ones. */
export function scaleFor(width: number, height: number): number {
  if (width < 480 || height < 360) return 1;
  return Math.max(2, Math.min(Math.round(height / 400), Math.round(width / 560)));
}
