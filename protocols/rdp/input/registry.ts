import { entry, type RegistryEntry } from '../../wire/codec.js';
import { InputPduData } from './input-pdu-data.js';

/** The messages of this folder; protocols/rdp/registry.ts lists them. */
export const inputRegistry: readonly RegistryEntry[] = [
  entry(
    InputPduData,
    { events: [] },
    {
      events: [
        { kind: 'synchronize', toggles: 6 },
        { kind: 'keyboard', code: 0x1e, prefix: 'none', down: true },
        { kind: 'keyboard', code: 0x1d, prefix: 'e0', down: false },
        { kind: 'keyboard', code: 0x1d, prefix: 'e1', down: true },
        { kind: 'unicode', unit: 0xd83d, down: true },
        { kind: 'mouse', flags: 0x9000, x: 1023, y: 767 },
        { kind: 'extended-mouse', flags: 0x8001, x: 1, y: 2 },
        { kind: 'ignored' },
      ],
    },
  ),
];
