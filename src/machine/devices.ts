import { Problem } from '../base/errors.js';
import { fitsFramebuffer } from '../display/framebuffer.js';
import { checkFolder } from './files.js';
import type { DisplayOptions, DisplaySize, SharedFolder, SharedFolderOptions, UsbDevice } from './hardware.js';

/** virtio-9p's tag has a length of one byte, virtiofs' 36 bytes. */
const MAX_TAG_BYTES = 36;
const MIN_WIDTH = 320;
const MIN_HEIGHT = 200;

/** Throws Problem or UserError. */
export async function checkSharedFolders(folders: readonly SharedFolderOptions[]): Promise<SharedFolder[]> {
  const names = folders.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw invalid(`two shared folders are called '${twice}'`);
  return Promise.all(
    folders.map(async ({ name, path, readOnly = false, via = '9p' }) => {
      if (name === '' || Buffer.byteLength(name) > MAX_TAG_BYTES || /[\p{Cc}]/u.test(name)) {
        throw invalid(`a shared folder's name must have 1 to ${MAX_TAG_BYTES} bytes`);
      }
      if (readOnly && via === 'virtiofs') {
        throw new Problem('not-supported', `the shared folder '${name}' can be read-only via 9p, not via virtiofs`);
      }
      return { name, path: await checkFolder('shared folder', path, readOnly), readOnly, via };
    }),
  );
}

/** `VENDOR:PRODUCT` in hex. Throws Problem. */
export function parseUsb(text: string): UsbDevice {
  const parts = /^([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(text);
  if (parts === null) throw invalid(`the USB device '${text}' is not VENDOR:PRODUCT in hex, as lsusb shows it`);
  return { vendorId: Number.parseInt(parts[1]!, 16), productId: Number.parseInt(parts[2]!, 16) };
}

/** The size that the guest is offered at first; undefined leaves it to the guest. Throws Problem. */
export function checkDisplay({ count = 1, width, height }: DisplayOptions): DisplaySize | undefined {
  if (count !== 1) {
    throw new Problem('not-supported', `a machine has one screen; display.count cannot be ${count}`);
  }
  if (width === undefined && height === undefined) return undefined;
  if (width === undefined || height === undefined) throw invalid("a display's width and height belong together");
  const areWhole = Number.isInteger(width) && Number.isInteger(height);
  if (!areWhole || width < MIN_WIDTH || height < MIN_HEIGHT || !fitsFramebuffer(width, height)) {
    throw invalid(`a display cannot be ${width}x${height}`);
  }
  return { width, height };
}

const invalid = (message: string): Problem => new Problem('invalid-definition', message);
