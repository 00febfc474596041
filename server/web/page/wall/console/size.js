/** @param size 'fit' the window, 'real', or 'guest': it follows the window */
export function setSize(rfb, size) {
  rfb.scaleViewport = size !== 'real';
  rfb.resizeSession = size === 'guest';
  // A finger moves what does not fit; a mouse has the bars for it.
  const isByFinger = size === 'real' && matchMedia('(pointer: coarse)').matches;
  rfb.clipViewport = isByFinger;
  rfb.dragViewport = isByFinger;
}

/** Rejects where the browser does not allow it. */
export async function toggleFullScreen() {
  if (document.fullscreenElement !== null) return document.exitFullscreen();
  await document.documentElement.requestFullscreen();
  // Where the browser can, Esc and its own shortcuts are the guest's, too.
  await navigator.keyboard?.lock?.().catch(() => {});
}
