import { expect, test } from 'vitest';
import type { HostView, MachineView, SessionView } from '../../../server/api/views.js';
import { type Look, lines } from '../../../server/cli/verbs/top.js';
import { machineView } from '../api/fake-operations.js';

const MIB = 2 ** 20;
const HOST = {
  memory: { totalMiB: 8000, availableMiB: 5000, promisedMiB: 2300, allowedMiB: 7488 },
  ...{ load: 0.5, cpus: 2, machines: 3, running: 2 },
} as HostView;
const OFF = { pid: null, startedAt: null, residentBytes: null, cpuMs: null, accel: null, sessions: 0 };
const SESSION: SessionView = {
  ...{ id: 'a', machine: 'desk-1', user: 'alice', remote: '203.0.113.200', via: 'websocket', rights: 'control' },
  ...{ since: new Date().toISOString(), sentBytes: 5 * MIB, updates: 1, rttMs: 23.4 },
};

function look(atMs: number, [first, second]: readonly [firstMs: number, secondMs: number]): Look {
  const desk = (name: string, more: Partial<MachineView>) => ({ ...machineView(name), ...more });
  return {
    atMs,
    host: HOST,
    machines: [
      desk('build-server-0001', { engine: 'emulator', accel: null, residentBytes: 90 * MIB, cpuMs: first }),
      desk('desk-1', { residentBytes: 812 * MIB, memoryMiB: 65_536, cpuMs: second, sessions: 12 }),
      desk('template', { ...OFF, state: 'template', reason: 'it is one, as has been said at length in many places' }),
    ],
    sessions: [SESSION, { ...SESSION, machine: null, via: 'rdp', rights: 'view', rttMs: null }],
  };
}

test('the busiest machines come first, with their share of a processor', () => {
  const text = lines(look(3000, [1100, 5000]), look(1000, [1000, 4000]));
  expect(text.slice(0, 2)).toEqual([
    '2 machines of 3 up, 2 sessions; load 0.50 on 2 processors\n',
    'memory: 2.2 GiB of 7.3 GiB promised, 4.9 GiB free\n',
  ]);
  expect(text.slice(4, 7).map((line) => line.split(/ {2,}/).slice(0, 6))).toEqual([
    ['desk-1', 'running', 'qemu/tcg', '50 %', '812 MiB', '64 GiB'],
    ['build-server-0001', 'running', 'emulator', '5 %', '90 MiB', '1.0 GiB'],
    ['template', 'template', '-', '-', '-', '1.0 GiB'],
  ]);
  expect(text.at(-2)).toMatch(/^alice {2}desk-1 {4}browser {2}drives {3}0 s {4}5.0 MiB {2}23 ms {2}203/);
});

test('all but the remarks fits into 80 columns; one look has no share to tell', () => {
  const text = lines(look(3000, [1, 2]), undefined);
  expect(
    Math.max(...text.filter((line) => !line.includes('at length')).map((line) => line.trimEnd().length)),
  ).toBeLessThanOrEqual(80);
  expect(text.join('')).not.toContain('%');
});
