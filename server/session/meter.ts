import type { SessionMeter } from './session.js';

/** Counts what a session costs. */
export class Meter implements SessionMeter {
  sentBytes = 0;
  updates = 0;
  encodeMs = 0;
  rttMs?: number;
}
