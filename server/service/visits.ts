import type { Logger } from '../../src/base/log.js';
import { KeptFile, readPrivate } from '../auth/private-file.js';

/** When each user was last at each machine's screen. */
export class Visits {
  readonly #at: Map<string, string>;
  readonly #file: KeptFile;

  constructor(path: string, log: Logger) {
    this.#at = new Map(Object.entries(known(path, log)));
    this.#file = new KeptFile(path, () => Object.fromEntries(this.#at), log);
  }

  last(user: string, machine: string): string | null {
    return this.#at.get(key(user, machine)) ?? null;
  }

  add(user: string, machine: string): void {
    this.#at.set(key(user, machine), new Date().toISOString());
    this.#file.changed();
  }

  /** A machine is gone; one of the same name is another one. */
  forget(machine: string): void {
    const gone = [...this.#at.keys()].filter((each) => each.endsWith(key('', machine)));
    for (const each of gone) this.#at.delete(each);
    if (gone.length > 0) this.#file.changed();
  }

  settled(): Promise<void> {
    return this.#file.settled();
  }
}

/** A blank stands in neither name. */
function key(user: string, machine: string): string {
  return `${user.toLowerCase()} ${machine.toLowerCase()}`;
}

/** A file that cannot be read costs a convenience, not a start. */
function known(path: string, log: Logger): Record<string, string> {
  try {
    const entries = Object.entries(readPrivate(path) ?? {}).filter(([, at]) => typeof at === 'string');
    return Object.fromEntries(entries) as Record<string, string>;
  } catch (error) {
    log.warn({ err: error }, 'who was where last is not known');
    return {};
  }
}
