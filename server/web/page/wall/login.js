import { api } from './api.js';
import { button, field, h } from './dom.js';

/** Asks who it is until it is known. Resolves with nothing: who it is, `me` says. */
export function login(container, reason = '') {
  const user = h('input', {
    name: 'user',
    autocomplete: 'username',
    required: true,
    autocapitalize: 'none',
    spellcheck: 'false',
  });
  const password = h('input', { name: 'password', type: 'password', autocomplete: 'current-password', required: true });
  const problem = h('p', { class: 'problem', role: 'alert' }, reason);
  const send = button({ text: 'Log in', kind: 'primary' });
  send.type = 'submit';
  const form = h(
    'form',
    { class: 'login', 'aria-label': 'Log in' },
    h('img', { src: 'icon.svg', alt: '', width: 40, height: 40 }),
    h('h1', {}, 'vitrine'),
    field('User', user),
    field('Password', password),
    problem,
    send,
  );
  container.replaceChildren(h('main', { class: 'login-page' }, form));
  user.focus();
  return new Promise((resolve) => {
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      send.disabled = true;
      problem.textContent = '';
      try {
        await api.post('login', { user: user.value, password: password.value });
        resolve();
      } catch (error) {
        problem.textContent = error.message;
        password.select();
      } finally {
        send.disabled = false;
      }
    });
  });
}
