import { icon } from './icons.js';

/**
 * An element. Text only ever goes in as text: names and descriptions come from strangers, and there is no way here to
 * give markup. `on` holds listeners; false, null and undefined leave an attribute or a child out.
 */
export function h(tag, { on = {}, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const [type, listener] of Object.entries(on)) element.addEventListener(type, listener);
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A button with a picture, a word, or both; `label` says more than the word, and begins with it where there is one. */
export function button({ text, icon: picture, label = text, kind = '', on, ...attributes }) {
  const name = ['button', kind, text === undefined ? 'icon-only' : ''].filter(Boolean).join(' ');
  return h(
    'button',
    {
      type: 'button',
      class: name,
      on: { click: on },
      'aria-label': text === label ? undefined : label,
      title: text === label ? undefined : label,
      ...attributes,
    },
    picture && icon(picture),
    text !== undefined && h('span', {}, text),
  );
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const SAVING_MS = 60_000;
let hints = 0;

/** A field of a form with its label. `hint` is said below it, and after it by screen readers. */
export function field(label, control, hint) {
  const text = h('span', {}, label);
  const isCheck = control.type === 'checkbox';
  const parts = isCheck ? [control, text] : [text, control];
  const element = h('div', { class: isCheck ? 'field check' : 'field' }, h('label', {}, ...parts));
  if (hint !== undefined) {
    const id = `hint-${++hints}`;
    control.setAttribute('aria-describedby', id);
    element.append(h('small', { id }, hint));
  }
  return element;
}

export function select(name, options, chosen) {
  return h(
    'select',
    { name },
    options.map(([value, text]) => h('option', { value, selected: value === chosen }, text)),
  );
}

export function empty(title, ...more) {
  return h('div', { class: 'empty' }, h('h2', {}, title), ...more.map((each) => h('p', {}, each)));
}

/** Gives somebody a file. What it is made of may be a secret, and is let go of once it is saved. */
export function download(blob, name) {
  const url = URL.createObjectURL(blob);
  h('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), SAVING_MS);
}

const CONTROLS = 'a, button, input, select, summary';
const nameOf = (control) => control.ariaLabel ?? control.textContent;

/** Puts something new into a container. Who was at a control there is at its successor, or else at the first one. */
export function redraw(container, ...children) {
  const active = document.activeElement;
  const name = container.contains(active) ? nameOf(active) : undefined;
  container.replaceChildren(...children);
  if (name === undefined) return;
  const controls = [...container.querySelectorAll(CONTROLS)];
  (controls.find((control) => nameOf(control) === name) ?? controls[0])?.focus();
}
