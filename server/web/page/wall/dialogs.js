import { button, h } from './dom.js';

/**
 * A dialog with a form. `submit(values)` does the work while the dialog is there; what goes wrong is said in it, and it
 * stays open. Resolves with what `submit` returns, or undefined where it was closed. The browser keeps the focus inside
 * and gives it back.
 */
export function ask({ title, intro, fields = [], action, danger = false, wide = false, submit }) {
  const problem = h('p', { class: 'problem', role: 'alert' });
  const confirm = button({ text: action, kind: danger ? 'danger' : 'primary' });
  confirm.type = 'submit';
  const cancel = button({ text: 'Cancel', on: () => dialog.close() });
  const form = h(
    'form',
    { method: 'dialog' },
    h('h2', {}, title),
    intro && h('p', { class: 'intro' }, intro),
    ...fields,
    problem,
    h('div', { class: 'row end' }, cancel, confirm),
  );
  const dialog = h('dialog', { class: wide ? 'wide' : undefined, 'aria-label': title }, form);
  return new Promise((resolve) => {
    let result;
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      problem.textContent = '';
      confirm.setAttribute('aria-busy', 'true');
      confirm.disabled = true;
      try {
        result = (await submit?.(valuesOf(form))) ?? true;
        dialog.close();
      } catch (error) {
        problem.textContent = error.message;
      } finally {
        confirm.removeAttribute('aria-busy');
        confirm.disabled = false;
      }
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(result);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** For what cannot be taken back. With `name` it has to be typed. */
export function confirmed({ title, text, action, name }) {
  const typed = h('input', { name: 'typed', autocomplete: 'off', spellcheck: 'false', 'aria-label': `Type ${name}` });
  const fields = name === undefined ? [] : [h('p', {}, 'Type ', h('code', {}, name), ' to confirm.'), typed];
  const submit = (values) => {
    if (name !== undefined && values.typed !== name) throw new Error(`that is not ${name}`);
  };
  return ask({ title, intro: text, fields, action, danger: true, submit });
}

/** Something to read, and to close. */
export function tell({ title, wide = false, content }) {
  const close = button({ text: 'Close', kind: 'primary', on: () => dialog.close() });
  const dialog = h(
    'dialog',
    { class: wide ? 'wide' : undefined, 'aria-label': title },
    h('div', { class: 'form' }, h('h2', {}, title), ...content, h('div', { class: 'row end' }, close)),
  );
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** A secret that is not shown again, and a button that copies it. */
export function secret(text, label) {
  const shown = h('input', { class: 'secret', readonly: true, value: text, 'aria-label': label });
  const copy = button({
    text: 'Copy',
    icon: 'copy',
    label: `Copy ${label}`,
    on: async () => {
      shown.select();
      // Without HTTPS there is no clipboard to write to; what is selected can still be copied by hand.
      const worked = await navigator.clipboard?.writeText(text).then(
        () => true,
        () => false,
      );
      copy.lastChild.textContent = worked ? 'Copied' : 'Press Ctrl+C';
    },
  });
  return h('div', { class: 'row secret-row' }, shown, copy);
}

function valuesOf(form) {
  const values = {};
  for (const control of form.elements) {
    if (control.name === '') continue;
    values[control.name] = control.type === 'checkbox' ? control.checked : control.value;
  }
  return values;
}
