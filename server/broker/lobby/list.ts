import type { Clock } from '../../../src/base/clock.js';
import { Emitter } from '../../../src/base/events.js';
import type { PointerEvent, ScanCode } from '../../../src/input/events.js';
import type { Canvas } from '../../../src/paint/canvas.js';
import type { Directory, ReachableMachine } from '../directory.js';
import type { Thumbnails } from '../thumbnails.js';
import { nowhereNotice } from './notices.js';
import { Picker } from './picker.js';
import type { Screen } from './screen.js';

/** News come in bunches, and nobody reads faster. */
const NEWS_MS = 250;

export interface ListSource {
  readonly directory: Pick<Directory, 'onChange'>;
  readonly thumbnails: Thumbnails;
  readonly clock: Clock;
  readonly title: string;
}

export interface ListPerson {
  readonly user: string;
  readonly machines: () => readonly ReachableMachine[];
  readonly choose: (machine: ReachableMachine) => void;
  readonly logOut: () => void;
}

/** The picker, kept up to date while it is shown, or the word that there is nothing to pick. */
export class List implements Screen {
  readonly onChange = new Emitter<void>();
  readonly #source: ListSource;
  readonly #person: ListPerson;
  readonly #offs: (() => void)[] = [];
  #shown: Screen;
  #cancelNews: (() => void) | undefined;

  constructor(source: ListSource, person: ListPerson) {
    this.#source = source;
    this.#person = person;
    this.#shown = this.#choose();
    this.#offs.push(
      source.directory.onChange.on(() => this.#hear()),
      source.thumbnails.onLoaded.on(() => this.#hear()),
    );
  }

  draw(canvas: Canvas): void {
    this.#shown.draw(canvas);
  }
  key(code: ScanCode, repeated: boolean): void {
    this.#shown.key(code, repeated);
  }
  pointer(event: PointerEvent, pressed: number, released: number): void {
    this.#shown.pointer(event, pressed, released);
  }

  close(): void {
    this.#cancelNews?.();
    for (const off of this.#offs.splice(0)) off();
    this.#shown.close?.();
  }

  #hear(): void {
    this.#cancelNews ??= this.#source.clock.after(NEWS_MS, () => {
      this.#cancelNews = undefined;
      this.#update();
    });
  }

  #update(): void {
    const isEmpty = this.#person.machines().length === 0;
    if (this.#shown instanceof Picker && !isEmpty) this.#shown.update();
    else {
      this.#shown.close?.();
      this.#shown = this.#choose();
      this.onChange.emit();
    }
  }

  #choose(): Screen {
    const { title, thumbnails } = this.#source;
    const { user, machines, choose, logOut } = this.#person;
    const present = machines();
    const shown =
      present.length === 0
        ? nowhereNotice({ open: () => {}, list: () => {}, logOut })
        : new Picker({
            title,
            user,
            machines,
            picture: (machine) => thumbnails.of(machine),
            selected: lastUsed(present),
            choose,
            logOut,
          });
    shown.onChange.on(() => this.onChange.emit());
    return shown;
  }
}

function lastUsed(machines: readonly ReachableMachine[]): string | undefined {
  let last: ReachableMachine | undefined;
  for (const machine of machines) {
    // ISO 8601 sorts as text.
    if ((machine.lastUsedAt ?? '') > (last?.lastUsedAt ?? '')) last = machine;
  }
  return last?.name;
}
