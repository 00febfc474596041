import type { Colour } from './canvas.js';

/** `over` laid on `under`; `alpha` 0 leaves it, 256 covers it. Both pairs of channels are mixed at once. */
export function mix(under: Colour, over: Colour, alpha: number): Colour {
  const redBlue = under & 0xff00ff;
  const green = under & 0x00ff00;
  return (
    ((redBlue + ((((over & 0xff00ff) - redBlue) * alpha) >> 8)) & 0xff00ff) |
    ((green + ((((over & 0x00ff00) - green) * alpha) >> 8)) & 0x00ff00)
  );
}
