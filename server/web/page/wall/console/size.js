/** @param size 'fit' the window, 'real', or 'guest': it follows the window */
export function setSize(rfb, size) {
  rfb.scaleViewport = size !== 'real';
  rfb.resizeSession = size === 'guest';
  // A finger moves what does not fit; a mouse has the bars for it.
  const isByFinger = size === 'real' && matchMedia('(pointer: coarse)').matches;
  rfb.clipViewport = isByFinger;
  rfb.dragViewport = isByFinger;
}
