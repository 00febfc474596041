import { api, at } from './api.js';
import { ask } from './dialogs.js';
import { field, h } from './dom.js';
import { attempt, toast } from './toast.js';

/** What everybody can do about themselves. A ticket's holder has no password here. */
export function accountMenu(me, { out }) {
  const leave = { text: 'Log out', icon: 'back', run: (control) => attempt(out, { control }) };
  if (me.machine !== null) return [leave];
  return [{ text: 'Change password', icon: 'key', run: () => changePassword(me) }, leave];
}

async function changePassword({ name }) {
  const typed = (label, more) => field(label, h('input', { type: 'password', required: true, ...more }));
  const done = await ask({
    title: 'Change password',
    fields: [
      h('input', { autocomplete: 'username', value: name, hidden: true }),
      typed('Current password', { name: 'current', autocomplete: 'current-password' }),
      typed('New password', { name: 'password', autocomplete: 'new-password', minlength: '8' }),
      typed('New password again', { name: 'again', autocomplete: 'new-password' }),
    ],
    action: 'Change',
    async submit({ current, password, again }) {
      if (password !== again) throw new Error('the two are not the same');
      await api.put(at`users/${name}/password`, { current, password });
      // All logins end with the old password, this one too.
      await api.post('login', { user: name, password });
    },
  });
  if (done !== undefined) toast('The password is changed. Other logins have ended.');
}
