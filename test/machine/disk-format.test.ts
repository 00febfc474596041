import { describe, expect, test } from 'vitest';
import { diskFormat } from '../../src/machine/disk-format.js';

/** A sector that begins with `parts`, each at its offset. */
function head(...parts: [offset: number, hex: string][]): Uint8Array {
  const bytes = new Uint8Array(512);
  for (const [offset, hex] of parts) bytes.set(Buffer.from(hex.replaceAll(' ', ''), 'hex'), offset);
  return bytes;
}

const QCOW2_MAGIC: [number, string] = [0, '51 46 49 fb'];
const VERSION_3: [number, string] = [4, '00 00 00 03'];
const VERSION_2: [number, string] = [4, '00 00 00 02'];
const BACKING_FILE_OFFSET: [number, string] = [8, '00 00 00 00 00 00 01 d0'];
const EXTERNAL_DATA: [number, string] = [72, '00 00 00 00 00 00 00 04'];
const DIRTY: [number, string] = [72, '00 00 00 00 00 00 00 01'];

describe('disk format', () => {
  test.each([
    ['a.qcow2', 'qcow2'],
    ['a.QCOW2', 'qcow2'],
    ['a.vmdk', 'vmdk'],
    ['a.vdi', 'vdi'],
    ['a.vhdx', 'vhdx'],
    ['a.vhd', 'vpc'],
    ['a.raw', 'raw'],
  ])('the extension of %s decides whatever the content', (path, format) => {
    expect(diskFormat(path, head(QCOW2_MAGIC, VERSION_3, BACKING_FILE_OFFSET))).toBe(format);
    expect(diskFormat(path, new Uint8Array(0))).toBe(format);
  });

  test.each([
    ['nothing known', head(), 'raw'],
    ['a boot sector', head([0, 'fa 31 c0'], [510, '55 aa']), 'raw'],
    ['a qcow2 header', head(QCOW2_MAGIC, VERSION_3), 'qcow2'],
    ['an old qcow2 header', head(QCOW2_MAGIC, VERSION_2), 'qcow2'],
    ['a qcow2 header marked dirty', head(QCOW2_MAGIC, VERSION_3, DIRTY), 'qcow2'],
    ['a vdi header', head([64, '7f 10 da be']), 'vdi'],
    ['a vhdx header', head([0, '76 68 64 78 66 69 6c 65']), 'vhdx'],
  ])('without a telling extension the content decides: %s', (_, bytes, format) => {
    expect(diskFormat('disk.img', bytes)).toBe(format);
    expect(diskFormat('/dev/sdz', bytes)).toBe(format);
  });

  test.each([
    ['qcow2 with a backing file', head(QCOW2_MAGIC, VERSION_3, BACKING_FILE_OFFSET), 'qcow2'],
    ['old qcow2 with a backing file', head(QCOW2_MAGIC, VERSION_2, BACKING_FILE_OFFSET), 'qcow2'],
    ['qcow2 with its data elsewhere', head(QCOW2_MAGIC, VERSION_3, EXTERNAL_DATA), 'qcow2'],
    ['qcow2 of a version nobody knows', head(QCOW2_MAGIC, [4, '00 00 00 09']), 'qcow2'],
    ['a cut qcow2 header', head(QCOW2_MAGIC, VERSION_3).subarray(0, 20), 'qcow2'],
    ['a binary vmdk', head([0, '4b 44 4d 56']), 'vmdk'],
    ['a vmdk descriptor', head([0, Buffer.from('# Disk DescriptorFile').toString('hex')]), 'vmdk'],
  ])('what a guest could have written to reach other files is refused: %s', (_, bytes, format) => {
    expect(() => diskFormat('disk.img', bytes)).toThrow(`rename it to end in .${format}`);
  });
});
