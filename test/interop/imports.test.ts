import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ForeignMachine, foreignMachines } from './harness/foreign-machines.js';
import { fromPng } from './harness/picture.js';
import { endEverything, run, scratch } from './harness/processes.js';
import { requires } from './harness/requires.js';
import { RfbProbe } from './harness/rfb-probe.js';
import { ServiceUnderTest } from './harness/service.js';
import { vitrineCommand } from './harness/vitrine.js';
import { until } from './harness/wait.js';

const NAMES = ['vbox-6.0', 'vbox-6.1', 'vbox-7.0', 'vbox-7.1', 'libvirt'];
/** The guest combines the keys so far, writes them to the disk, and fills the screen with their colour: blue for this one. */
const KEY = 'a';

describe('machines of others', requires('qemu'), () => {
  let service: ServiceUnderTest;
  let machines: readonly ForeignMachine[];
  const said = new Map<string, string>();

  beforeAll(async () => {
    service = await ServiceUnderTest.start();
    machines = await foreignMachines(scratch());
    for (const { name, definition } of machines) {
      const program = vitrineCommand(['import', definition, '--state-dir', service.stateDir]);
      expect(await program.exited, program.output).toEqual({ code: 0, signal: null });
      said.set(name, program.stdout);
    }
    await Promise.all(machines.map(({ name }) => start(name)));
  });
  afterAll(endEverything);

  /** Finding out anew for each what accelerates it would take longer than all the rest. */
  const start = async (name: string) => {
    const { config } = await service.api.call('machine.show', { machine: name });
    await service.api.call('machine.update', { machine: name, config: { ...config, accel: 'tcg' } });
    await service.api.call('machine.start', { machine: name });
  };
  const machine = (name: string) => machines.find((each) => each.name === name)!;
  const screen = async (name: string) =>
    fromPng(Buffer.from(await service.api.call('console.screenshot', { machine: name })));

  test('are all here', () => {
    expect(machines.map(({ name }) => name)).toEqual(NAMES);
  });

  for (const name of NAMES) {
    test(`${name}: what is not carried over is said`, () => {
      const lines = said
        .get(name)!
        .split('\n')
        .filter((line) => line.includes('not carried over:'));
      for (const lost of machine(name).lost) expect(lines.join('\n')).toContain(lost);
      expect(lines).toHaveLength(machine(name).lost.length);
    });

    test(`${name}: its disk boots, is seen, and is written to`, async () => {
      const { api } = service;
      const isFilled = async (picture = screen(name)) => {
        const { pixels } = await picture;
        const [first = 0] = pixels;
        return first > 0 && first < 0x100 && pixels.every((pixel) => pixel === first);
      };
      // What comes before the guest is there may be lost, and two keys are none: again until there is one.
      await until(
        'the guest takes a key',
        async () => {
          if (await isFilled()) return true;
          await api.call('console.type', { machine: name, text: KEY });
          return isFilled();
        },
        { deadlineMs: 30_000, everyMs: 500 },
      );
      const { ticket } = await api.call('console.open', { machine: name });
      const viewer = await RfbProbe.connect(service.vnc, ticket);
      await until('a viewer sees it', () => isFilled(viewer.picture()));
      viewer.close();
      await api.call('machine.stop', { machine: name });
      const { disk, format } = machine(name);
      const byte = `read -P ${KEY.charCodeAt(0)} 512 1`;
      expect(await run('qemu-io', ['-r', '-f', format, '-c', byte, disk])).not.toContain('failed');
    });
  }
});
