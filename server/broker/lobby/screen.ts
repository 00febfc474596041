import type { Emitter } from '../../../src/base/events.js';
import type { PointerEvent, ScanCode } from '../../../src/input/events.js';
import type { Canvas } from '../../../src/paint/canvas.js';

/** One thing that the lobby shows. It draws, and tells what people do with it through callbacks of its own. */
export interface Screen {
  /** It looks different now. */
  readonly onChange: Emitter<void>;
  /** Draws all of it; the canvas may have another size than last time. */
  draw(canvas: Canvas): void;
  /** Draws again what moves, where something does, every `stepMs`. */
  readonly stepMs?: number;
  step?(canvas: Canvas): void;
  /** A key went down; `repeated` while it is held. */
  key(code: ScanCode, repeated: boolean): void;
  /** @param pressed buttons that were not down before @param released buttons that were */
  pointer(event: PointerEvent, pressed: number, released: number): void;
  /** It is not shown any more. */
  close?(): void;
}
