import { entry, type RegistryEntry } from '../wire/codec.js';
import { Bell } from './bell.js';
import { EnableContinuousUpdates, EndOfContinuousUpdates } from './continuous-updates.js';
import { ClientCutText, ServerCutText } from './cut-text.js';
import { DH_CREDENTIALS_BYTES, DhParameters, DhResponse } from './diffie-hellman.js';
import { ENCODING } from './encodings.js';
import { ExtendedDesktopSize } from './extended-desktop-size.js';
import { FENCE, Fence } from './fence.js';
import { FramebufferUpdate, Rectangle } from './framebuffer-update.js';
import { FramebufferUpdateRequest } from './framebuffer-update-request.js';
import { ClientInit, ServerInit } from './init.js';
import { KeyEvent, QemuExtendedKeyEvent } from './key-event.js';
import { BGRX, PixelFormat, RGB332 } from './pixel-format.js';
import { ExtendedPointerEvent, PointerEvent } from './pointer-event.js';
import { ProtocolVersion } from './protocol-version.js';
import { CopyRectSource, DesktopName, QemuLedState } from './rectangle-bodies.js';
import { RepeaterId } from './repeater.js';
import { FailureReason, SecurityChoice, SecurityDecision, SecurityResult, SecurityTypes } from './security.js';
import { SetColourMapEntries } from './set-colour-map-entries.js';
import { SetDesktopSize } from './set-desktop-size.js';
import { SetEncodings } from './set-encodings.js';
import { SetPixelFormat } from './set-pixel-format.js';
import { PlainCredentials, VeNCryptAck, VeNCryptChoice, VeNCryptSubtypes, VeNCryptVersion } from './vencrypt.js';

const screens = [
  { id: 0, x: 0, y: 0, width: 1280, height: 800, flags: 0 },
  { id: 0xffffffff, x: 1280, y: 5, width: 800, height: 600, flags: 1 },
];

/** Every message of RFB that is written or read here, with values that exercise it. */
export const RFB_REGISTRY: readonly RegistryEntry[] = [
  entry(ProtocolVersion, { major: 3, minor: 8 }, { major: 3, minor: 889 }, { major: 5, minor: 0 }),
  entry(SecurityTypes, { types: [1, 2, 19] }, { types: [] }),
  entry(SecurityChoice, { type: 2 }),
  entry(SecurityDecision, { type: 2 }),
  entry(SecurityResult, { status: 0 }, { status: 1 }),
  entry(FailureReason, { reason: 'wrong password' }, { reason: '' }),
  entry(RepeaterId, { id: 'ID:desk-3' }, { id: 'bürö::5900' }),
  entry(VeNCryptVersion, { major: 0, minor: 2 }),
  entry(VeNCryptAck, { value: 1 }),
  entry(VeNCryptSubtypes, { subtypes: [262, 259] }, { subtypes: [] }),
  entry(VeNCryptChoice, { subtype: 261 }),
  entry(PlainCredentials, { user: 'jörg', password: 'öffne dich' }, { user: '', password: '' }),
  entry(DhParameters, { generator: 2, prime: Uint8Array.of(0xff, 0xc5), publicValue: Uint8Array.of(0, 7) }),
  entry(DhResponse, { encrypted: new Uint8Array(DH_CREDENTIALS_BYTES).fill(9), publicValue: Uint8Array.of(1, 2) }),
  entry(ClientInit, { shared: true }, { shared: false }),
  entry(ServerInit, { width: 1280, height: 800, format: BGRX, name: 'büro – 7' }),
  entry(PixelFormat, BGRX, RGB332, { ...BGRX, bigEndian: true, trueColour: false }),

  entry(SetPixelFormat, { format: RGB332 }),
  entry(SetEncodings, { encodings: [ENCODING.zrle, ENCODING.cursor, ENCODING.extendedClipboard] }, { encodings: [] }),
  entry(FramebufferUpdateRequest, { incremental: true, x: 1, y: 2, width: 640, height: 480 }),
  entry(KeyEvent, { down: true, keysym: 0xff0d }, { down: false, keysym: 0x010020ac }),
  entry(QemuExtendedKeyEvent, { down: true, keysym: 0xff53, keycode: 0xcd }),
  entry(PointerEvent, { buttons: 0x85, x: 65535, y: 3 }),
  entry(ExtendedPointerEvent, { buttons: 0x101, x: 4, y: 5 }, { buttons: 0x80, x: 0, y: 0 }),
  entry(ClientCutText, { text: 'grün\n' }),
  entry(EnableContinuousUpdates, { enable: true, x: 0, y: 0, width: 800, height: 600 }),
  entry(Fence, { flags: FENCE.request + FENCE.syncNext, payload: Uint8Array.of(1, 2, 3) }),
  entry(SetDesktopSize, { width: 2080, height: 800, screens }),

  entry(FramebufferUpdate, { rectangles: 3 }),
  entry(Rectangle, { x: 1, y: 2, width: 3, height: 4, encoding: ENCODING.extendedDesktopSize }),
  entry(CopyRectSource, { x: 640, y: 16 }),
  entry(ExtendedDesktopSize, { screens }),
  entry(DesktopName, { name: 'Büro ☃' }),
  entry(QemuLedState, { scrollLock: false, numLock: true, capsLock: true }),
  entry(SetColourMapEntries, { firstColour: 7, colours: [{ red: 1, green: 0x8000, blue: 0xffff }] }),
  entry(Bell, {}),
  entry(ServerCutText, { text: 'text' }, { text: '' }),
  entry(EndOfContinuousUpdates, {}),
];
