/** Numbers of encodings and pseudo-encodings, signed as they stand on the wire. @spec RFC 6143 7.7, 7.8 */
export const ENCODING = {
  raw: 0,
  copyRect: 1,
  rre: 2,
  corre: 4,
  hextile: 5,
  zlib: 6,
  tight: 7,
  trle: 15,
  zrle: 16,
  openH264: 50,

  desktopSize: -223,
  lastRect: -224,
  cursor: -239,
  xCursor: -240,
  qemuPointerMotionChange: -257,
  qemuExtendedKeyEvent: -258,
  qemuAudio: -259,
  tightPng: -260,
  qemuLedState: -261,
  desktopName: -307,
  extendedDesktopSize: -308,
  xvp: -309,
  fence: -312,
  continuousUpdates: -313,
  cursorWithAlpha: -314,
  extendedMouseButtons: -316,
  ultraVncServerState: -32768,
  vmwareCursor: 0x574d5664,
  vmwareLedState: 0x574d5668,
  extendedClipboard: 0xc0a1e5ce | 0,
} as const;

/** JPEG quality 0 (coarsest) to 9 is -32 to -23. */
export const QUALITY_LEVEL_0 = -32;
/** Compression 0 (fastest) to 9 is -256 to -247. */
export const COMPRESSION_LEVEL_0 = -256;
