import { entry, type RegistryEntry } from '../../wire/codec.js';
import { DeactivateAll } from './deactivate-all.js';
import { ConfirmActive, DemandActive } from './demand-active.js';
import { Control, FontList, FontMap, Synchronize } from './finalization.js';
import { SaveSessionInfo } from './save-session-info.js';
import { SetErrorInfo } from './set-error-info.js';
import { ShareControlPdu } from './share-control.js';
import { ShareData } from './share-data.js';

const shareId = 0x0001_03ea;
const body = Uint8Array.of(1, 2, 3, 4);
const capabilities = [{ type: 0x000e, data: Uint8Array.of(1, 0, 0, 0) }];

export const shareRegistry: readonly RegistryEntry[] = [
  entry(ShareControlPdu, { type: 7, source: 1002, body }, { type: undefined, source: 0, body: new Uint8Array(0) }),
  entry(ShareData, { shareId, type: 0x1f, body }),
  entry(DemandActive, { shareId, capabilities }),
  entry(ConfirmActive, { shareId, capabilities }),
  entry(DeactivateAll, { shareId }, { shareId: undefined }),
  entry(Synchronize, { targetUser: 1007 }),
  entry(Control, { action: 2, grantId: 1007, controlId: 1002 }),
  entry(FontList, {}),
  entry(FontMap, {}),
  entry(SaveSessionInfo, {}),
  entry(SetErrorInfo, { errorInfo: 0x9 }),
];
