import type { Picture } from './picture.js';

export type Point = readonly [x: number, y: number];

/** A remote desktop client as its user has it: a picture, keys, a mouse. Positions are the guest's pixels. */
export interface DesktopClient {
  readonly name: string;
  /** What the client shows of the guest, without the client's own pointer. */
  picture(): Promise<Picture>;
  /** One key, down and up, by its X name: 'Down', 'Return', 'F5', 'a'. */
  press(key: string): Promise<void>;
  /** Text as a person types it on a US keyboard: with Shift where it is needed. */
  type(text: string): Promise<void>;
  moveTo(x: number, y: number): Promise<void>;
  click(x: number, y: number): Promise<void>;
  /** Left button down at the first point, up at the last, slowly enough that the guest sees each one. */
  drag(points: readonly Point[]): Promise<void>;
  close(): Promise<void>;
}
