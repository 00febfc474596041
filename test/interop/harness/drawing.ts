import { CANVAS, swatch } from './demo.js';
import type { DesktopClient, Point } from './desktop-client.js';

interface Stroke {
  readonly colour: Parameters<typeof swatch>[0];
  /** Within the canvas. */
  readonly points: readonly Point[];
}

const TURN = 2 * Math.PI;

function arc([x, y]: Point, radius: number, from: number, to: number): Point[] {
  const steps = Math.max(2, Math.round(Math.abs(to - from) * 24));
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = (from + ((to - from) * i) / steps) * TURN;
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  });
}

function wave(y: number, height: number, start: number): Point[] {
  return Array.from({ length: 45 }, (_, i) => [22 + i * 8, y + height * Math.sin(start + i * 0.62)]);
}

/** A gull: two wings. */
function gull(x: number, y: number, size: number): Point[] {
  return [...arc([x - size, y], size, 0.58, 1), ...arc([x + size, y], size, 0.5, 0.92)];
}

const SUN: Point = [300, 92];
const rays = Array.from({ length: 12 }, (_, i): Point[] => {
  const at = (radius: number): Point => [
    SUN[0] + radius * Math.cos((i / 12) * TURN),
    SUN[1] + radius * Math.sin((i / 12) * TURN),
  ];
  return [at(50), at(66)];
});

const SAILING: readonly Stroke[] = [
  { colour: 'orange', points: arc(SUN, 36, 0, 1) },
  ...rays.map((points) => ({ colour: 'orange' as const, points })),
  { colour: 'ink', points: gull(70, 78, 16) },
  { colour: 'ink', points: gull(134, 50, 11) },
  {
    colour: 'ink',
    points: [
      [182, 282],
      [182, 112],
    ],
  },
  {
    colour: 'red',
    points: [
      [192, 124],
      [222, 168],
      [244, 210],
      [258, 254],
      [192, 254],
      [192, 124],
    ],
  },
  {
    colour: 'green',
    points: [
      [172, 146],
      [150, 190],
      [128, 222],
      [104, 248],
      [172, 254],
      [172, 146],
    ],
  },
  {
    colour: 'ink',
    points: [
      [84, 282],
      [284, 282],
      [268, 304],
      [246, 318],
      [126, 318],
      [104, 306],
      [84, 282],
    ],
  },
  { colour: 'blue', points: wave(336, 7, 0) },
  { colour: 'blue', points: wave(358, 7, 2) },
  { colour: 'blue', points: wave(380, 7, 4) },
];

/** Paints a boat at sea with the mouse, as a person would. */
export async function paintBoat(client: DesktopClient): Promise<void> {
  let colour: Stroke['colour'] | undefined;
  for (const stroke of SAILING) {
    if (stroke.colour !== colour) await client.drag([swatch(stroke.colour)]);
    colour = stroke.colour;
    await client.drag(stroke.points.map(([x, y]) => [CANVAS.x + Math.round(x), CANVAS.y + Math.round(y)]));
  }
}
