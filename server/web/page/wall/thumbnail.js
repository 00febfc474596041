import { at, urlOf } from './api.js';
import { h } from './dom.js';

const LEAST_MS = 1_000;
/** All of them together: a wall of fifty films would be more than the API answers one person. */
const LEAST_MS_TOGETHER = 50;
const WIDTH = 320;

/** Tells each picture whether anybody can see it: what is scrolled away is not loaded. */
const seen = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) target.thumbnail.handleSeen(isIntersecting);
  },
  { rootMargin: '100px' },
);
const all = new Set();
let inSight = 0;
let isCovered = false;
document.addEventListener('visibilitychange', loadAll);

/** Whether something is above all of them: a console. */
export function cover(isSo) {
  isCovered = isSo;
  loadAll();
}

function loadAll() {
  for (const thumbnail of all) thumbnail.load();
}

/** A machine's screen, small: at most one picture a second, the next one only when the last is there. */
export class Thumbnail {
  element = h('img', { class: 'thumbnail', alt: '', draggable: 'false', hidden: true });
  #name;
  #box;
  #wanted;
  #shown;
  #isSeen = false;
  #loading;
  #timer;

  /** @param box where it is shown: a picture that is hidden itself would never be seen */
  constructor(name, box) {
    this.#name = name;
    this.#box = box;
    box.thumbnail = this;
    box.append(this.element);
    seen.observe(box);
    all.add(this);
  }

  /** @param version undefined where there is no screen */
  show(version) {
    this.#wanted = version;
    if (version === undefined) {
      this.element.hidden = true;
      this.#shown = undefined;
    } else this.load();
  }

  /** The service may have begun to count anew, and what it was asked for may never come. */
  forget() {
    this.#shown = undefined;
    this.#loading = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  handleSeen(isSeen) {
    if (isSeen !== this.#isSeen) inSight += isSeen ? 1 : -1;
    this.#isSeen = isSeen;
    this.load();
  }

  async load() {
    const version = this.#wanted;
    if (version === undefined || version === this.#shown || this.#loading !== undefined || this.#timer !== undefined)
      return;
    if (!this.#isSeen || isCovered || document.hidden) return;
    const next = h('img', { class: 'thumbnail', alt: '', draggable: 'false' });
    this.#loading = next;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        void this.load();
      },
      Math.max(LEAST_MS, inSight * LEAST_MS_TOGETHER),
    );
    next.src = urlOf(at`machines/${this.#name}/screenshot`, { maxWidth: WIDTH, version });
    try {
      // Decoded before it is shown: the old picture stays until the new one can take its place.
      await next.decode();
      if (this.#loading !== next) return;
      this.#shown = version;
      if (this.#wanted !== undefined) {
        this.element.replaceWith(next);
        this.element = next;
      }
    } catch {
      // The machine has just ended, or the service; either is told by an event. Anything else is tried again.
    }
    if (this.#loading !== next) return;
    this.#loading = undefined;
    if (this.#timer === undefined) void this.load();
  }

  close() {
    clearTimeout(this.#timer);
    all.delete(this);
    if (this.#isSeen) inSight--;
    this.#isSeen = false;
    seen.unobserve(this.#box);
    this.#wanted = undefined;
  }
}
