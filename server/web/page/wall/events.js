import { api, urlOf } from './api.js';

const TYPES = ['machine', 'machine-gone', 'sessions', 'screen', 'ready'];
const RETRY_MS = 2_000;
/** A browser has six connections to a host in all; a tab that nobody looks at gives its one back. */
const HIDDEN_MS = 10_000;

/**
 * The service's events, kept up: whatever ends the stream, it comes back by itself, and the service tells everything
 * anew. `onLine(isUp)` hears how it stands.
 */
export class EventLine {
  #store;
  #onLine;
  #source;
  #retry;
  #hide;
  #wanted = false;

  constructor(store, onLine) {
    this.#store = store;
    this.#onLine = onLine;
    document.addEventListener('visibilitychange', () => this.#handleVisibility());
  }

  start() {
    this.#wanted = true;
    if (this.#source === undefined && !document.hidden) this.#open();
  }

  stop() {
    this.#wanted = false;
    this.#close();
  }

  #open() {
    clearTimeout(this.#retry);
    const source = new EventSource(urlOf('events'));
    this.#source = source;
    source.addEventListener('open', () => this.#store.begin());
    for (const type of TYPES) {
      source.addEventListener(type, ({ data }) => {
        this.#store.take(JSON.parse(data));
        if (type === 'ready') this.#onLine(true);
      });
    }
    source.addEventListener('error', () => this.#lose());
  }

  /** A stream does not notice that the other end is gone without a word; a question that nobody answers does. */
  doubt() {
    if (this.#source !== undefined) this.#lose();
  }

  /** One that is cut off has ended for good: whether the login has, too, is asked before the next. */
  #lose() {
    this.#close();
    this.#onLine(false);
    this.#retry = setTimeout(() => this.#again(), RETRY_MS);
  }

  async #again() {
    try {
      await api.get('me');
      if (this.#wanted && this.#source === undefined && !document.hidden) this.#open();
    } catch (problem) {
      // An ended login is told to whoever cares by api.js.
      if (this.#wanted && problem.code !== 'unauthenticated') this.#retry = setTimeout(() => this.#again(), RETRY_MS);
    }
  }

  #close() {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = undefined;
  }

  #handleVisibility() {
    clearTimeout(this.#hide);
    if (document.hidden) this.#hide = setTimeout(() => this.#close(), HIDDEN_MS);
    else if (this.#wanted && this.#source === undefined) this.#open();
  }
}
