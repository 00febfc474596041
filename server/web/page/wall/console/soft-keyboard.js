import { button, h } from '../dom.js';
import { press } from './keys.js';

const BACKSPACE = [[0xff08, 'Backspace']];
const ENTER = [[0xff0d, 'Enter']];
/** So that there is something to take away: on-screen keyboards tell of Backspace only by a text that gets shorter. */
const FILLING = '_'.repeat(64);

/**
 * A phone's keyboard comes up for a field that can be written to, and says what was written rather than which keys were
 * pressed: what has changed in the field is typed into the guest.
 */
export class SoftKeyboard {
  element = h('textarea', {
    class: 'unseen soft-keyboard',
    'aria-label': 'Keyboard for the machine',
    autocapitalize: 'off',
    autocomplete: 'off',
    autocorrect: 'off',
    spellcheck: 'false',
    tabindex: '-1',
  });
  #rfb;
  #last = FILLING;

  constructor(rfb) {
    this.#rfb = rfb;
    this.#fill();
    this.element.addEventListener('input', (event) => this.#handleInput(event));
  }

  /** Brings it up, and takes it away. */
  button() {
    const toggle = button({
      text: 'Keyboard',
      icon: 'keyboard',
      kind: 'plain',
      class: 'button plain touch',
      on: () => this.toggle(),
    });
    // It must not take the focus that it is about to give away.
    toggle.addEventListener('mousedown', (event) => event.preventDefault());
    return toggle;
  }

  toggle() {
    if (document.activeElement === this.element) this.element.blur();
    else this.element.focus({ preventScroll: true });
  }

  #handleInput({ isComposing }) {
    const rfb = this.#rfb();
    const text = this.element.value;
    let same = 0;
    while (same < text.length && text[same] === this.#last[same]) same++;
    if (rfb !== undefined) {
      for (let i = same; i < this.#last.length; i++) press(rfb, BACKSPACE);
      for (const character of text.slice(same)) press(rfb, character === '\n' ? ENTER : [[keysymOf(character)]]);
    }
    this.#last = text;
    // While a word is being put together, its field is the keyboard's.
    if (!isComposing && (text.length < FILLING.length / 2 || text.length > FILLING.length * 4)) this.#fill();
  }

  #fill() {
    this.element.value = FILLING;
    this.#last = FILLING;
    this.element.setSelectionRange(FILLING.length, FILLING.length);
  }
}

/** Latin-1 is its own keysym; all others are Unicode with a mark. */
function keysymOf(character) {
  const code = character.codePointAt(0);
  return code < 0x100 ? code : 0x01000000 | code;
}
