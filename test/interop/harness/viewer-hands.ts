import type { DesktopClient } from './desktop-client.js';
import type { Hands } from './grub.js';
import type { Picture } from './picture.js';
import type { RfbProbe } from './rfb-probe.js';

/** X names of keys that QEMU calls otherwise. */
const NAMES: Readonly<Record<string, string>> = { ret: 'Return', down: 'Down', up: 'Up', delete: 'Delete' };

/**
 * Hands for a guest without a monitor of its own: pixels as they are sent Raw to a viewer that shares no code with the
 * server, keys from a client whose protocol is not the one under test.
 */
export function viewerHands(probe: RfbProbe, client: DesktopClient): Hands {
  return {
    screen: (): Promise<Picture> => probe.picture(),
    press: (...qcodes) => client.press(qcodes.map((qcode) => NAMES[qcode] ?? qcode).join('+')),
    type: (text) => client.type(text),
  };
}
