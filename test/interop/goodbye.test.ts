import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { rdesktop, xfreerdp } from './harness/clients.js';
import { endEverything, scratch } from './harness/processes.js';
import { requires, X } from './harness/requires.js';
import { Vitrine } from './harness/vitrine.js';
import { XClient } from './harness/x-client.js';

/** A boot sector that waits for a key and then writes "soft off" to the power management of QEMU's `pc`. */
const OFF_AT_A_KEY = Buffer.concat([
  Buffer.from('b400 cd16 ba0406 b80020 ef ebfe'.replaceAll(' ', ''), 'hex'),
  Buffer.alloc(510 - 13),
  Buffer.from([0x55, 0xaa]),
  Buffer.alloc(1_474_560 - 512),
]);

describe('RDP clients learn why it is over', requires('qemu', ...X, 'xfreerdp', 'rdesktop'), () => {
  afterEach(endEverything);

  test.each([
    // Both programs exit with the low byte of the reason.
    ['the guest powers off', 12, 'LOGOFF_BY_USER'],
    ['vitrine is stopped', 1, 'RPC_INITIATED_DISCONNECT'],
  ])('%s', async (what, reason, words) => {
    const floppy = join(scratch(), 'off-at-a-key.img');
    writeFileSync(floppy, OFF_AT_A_KEY);
    const vitrine = await Vitrine.start(['--engine', 'qemu', '--accel', 'tcg', '--floppy', floppy]);
    const first = await XClient.open(xfreerdp(vitrine.rdp, vitrine.login));
    const second = await XClient.open(rdesktop(vitrine.rdp, vitrine.login));
    const stopping = reason === 1 ? vitrine.stop() : first.press('Return');
    expect(await first.ended(), what).toEqual({ code: reason, signal: null });
    expect(first.program.output).toContain(words);
    expect(await second.ended()).toEqual({ code: reason, signal: null });
    await stopping.catch(() => {});
    expect(await vitrine.stop()).toEqual({ code: 0, signal: null });
  });
});
