import { entry, type RegistryEntry } from '../../wire/codec.js';
import { FastPathInputPdu } from './fast-path-input-pdu.js';
import { FastPathUpdatePdu, UPDATE_CODE } from './fast-path-update-pdu.js';

/** The messages of this folder; protocols/rdp/registry.ts lists them. */
export const fastPathRegistry: readonly RegistryEntry[] = [
  entry(
    FastPathInputPdu,
    { events: [] },
    {
      events: [
        { kind: 'keyboard', code: 0x1e, prefix: 'none', down: true },
        { kind: 'keyboard', code: 0x48, prefix: 'e0', down: false },
        { kind: 'keyboard', code: 0x1d, prefix: 'e1', down: true },
        { kind: 'unicode', unit: 0x20ac, down: false },
        { kind: 'mouse', flags: 0x0800, x: 640, y: 400 },
        { kind: 'extended-mouse', flags: 0x8002, x: 3, y: 4 },
        { kind: 'synchronize', toggles: 2 },
        { kind: 'ignored' },
      ],
    },
    { events: Array.from({ length: 16 }, () => ({ kind: 'mouse', flags: 0x0800, x: 1, y: 2 }) as const) },
  ),
  entry(
    FastPathUpdatePdu,
    { updates: [] },
    {
      updates: [
        { code: UPDATE_CODE.pointerDefault, fragmentation: 'single', data: new Uint8Array(0) },
        { code: UPDATE_CODE.bitmap, fragmentation: 'first', data: Uint8Array.of(1, 0, 1, 0) },
      ],
    },
  ),
];
