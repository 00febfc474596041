/** First byte of a message from the client. @spec RFC 6143 7.5 */
export const CLIENT_MESSAGE = {
  setPixelFormat: 0,
  setEncodings: 2,
  framebufferUpdateRequest: 3,
  keyEvent: 4,
  pointerEvent: 5,
  clientCutText: 6,
  enableContinuousUpdates: 150,
  fence: 248,
  setDesktopSize: 251,
  qemu: 255,
} as const;

/** First byte of a message from the server. @spec RFC 6143 7.6 */
export const SERVER_MESSAGE = {
  framebufferUpdate: 0,
  setColourMapEntries: 1,
  bell: 2,
  serverCutText: 3,
  endOfContinuousUpdates: 150,
  fence: 248,
  qemu: 255,
} as const;

/** Second byte of a QEMU message from the client. @spec rfbproto QEMU Client Message */
export const QEMU_CLIENT_SUBMESSAGE = { extendedKeyEvent: 0, audio: 1 } as const;
