import { clip, isEmpty, type Rect } from './rect.js';

/** Edge of a damage tile in pixels. */
export const TILE = 64;

/** A set of 64 px tiles of a surface, one bit each. Tiles at the right and bottom edge may be partial. */
export class TileSet {
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;
  /** One byte a tile, row by row: simpler and, at some hundred tiles, not slower than packed bits. */
  readonly tiles: Uint8Array;
  #count = 0;

  /** @param width @param height the surface in pixels */
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.columns = Math.ceil(width / TILE);
    this.rows = Math.ceil(height / TILE);
    this.tiles = new Uint8Array(this.columns * this.rows);
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }
  /** Number of tiles in the set. */
  get count(): number {
    return this.#count;
  }

  has(column: number, row: number): boolean {
    return this.tiles[row * this.columns + column] === 1;
  }

  set(column: number, row: number): void {
    const at = row * this.columns + column;
    if (this.tiles[at] === 0) {
      this.tiles[at] = 1;
      this.#count++;
    }
  }

  unset(column: number, row: number): void {
    const at = row * this.columns + column;
    if (this.tiles[at] === 1) {
      this.tiles[at] = 0;
      this.#count--;
    }
  }

  /** Adds every tile that `rect` touches; what lies outside the surface is ignored. */
  add(rect: Rect): void {
    this.#touched(rect, (column, row) => {
      this.set(column, row);
      return false;
    });
  }

  addAll(): void {
    this.tiles.fill(1);
    this.#count = this.tiles.length;
  }

  /** Adds the tiles of a set of the same size. */
  union(other: TileSet): void {
    for (let i = 0; i < this.tiles.length; i++) {
      if (other.tiles[i] === 1 && this.tiles[i] === 0) {
        this.tiles[i] = 1;
        this.#count++;
      }
    }
  }

  intersects(rect: Rect): boolean {
    return this.#count > 0 && this.#touched(rect, (column, row) => this.has(column, row));
  }

  clear(): void {
    this.tiles.fill(0);
    this.#count = 0;
  }

  /** The set as rectangles in pixels, in reading order: runs of tiles in a row, equal runs below joined. */
  rects(): Rect[] {
    const done: Rect[] = [];
    let open: { first: number; last: number; row: number }[] = [];
    const close = (run: { first: number; last: number; row: number }, endRow: number): void => {
      const x = run.first * TILE;
      const y = run.row * TILE;
      done.push({
        x,
        y,
        width: Math.min((run.last + 1) * TILE, this.width) - x,
        height: Math.min(endRow * TILE, this.height) - y,
      });
    };
    for (let row = 0; row <= this.rows; row++) {
      const runs = row < this.rows ? this.#runs(row) : [];
      const next = runs.map((run) => {
        const above = open.find((o) => o.first === run.first && o.last === run.last);
        return above ?? run;
      });
      for (const run of open) if (!next.includes(run)) close(run, row);
      open = next;
    }
    return done.sort((a, b) => a.y - b.y || a.x - b.x);
  }

  #runs(row: number): { first: number; last: number; row: number }[] {
    const runs = [];
    for (let column = 0; column < this.columns; column++) {
      if (!this.has(column, row)) continue;
      const first = column;
      while (column + 1 < this.columns && this.has(column + 1, row)) column++;
      runs.push({ first, last: column, row });
    }
    return runs;
  }

  /** Visits the tiles that `rect` touches until `visit` returns true; says whether it did. */
  #touched(rect: Rect, visit: (column: number, row: number) => boolean): boolean {
    const r = clip(rect, this.width, this.height);
    if (isEmpty(r)) return false;
    const lastColumn = Math.floor((r.x + r.width - 1) / TILE);
    const lastRow = Math.floor((r.y + r.height - 1) / TILE);
    for (let row = Math.floor(r.y / TILE); row <= lastRow; row++) {
      for (let column = Math.floor(r.x / TILE); column <= lastColumn; column++) {
        if (visit(column, row)) return true;
      }
    }
    return false;
  }
}
