import { api, at } from '../api.js';
import { ask, confirmed, secret, tell } from '../dialogs.js';
import { button, field, h, redraw } from '../dom.js';
import { time } from '../format.js';
import { openMenu } from '../menu.js';
import { attempt } from '../toast.js';
import { page, table } from './table.js';

/** Who may log in. */
export function usersPage({ me }) {
  const list = h('div');
  const show = () => attempt(async () => redraw(list, draw(await api.get('users'))));
  const change = (user, changes) => attempt(() => api.patch(at`users/${user.name}`, changes)).then(show);

  const draw = (users) =>
    table(
      'Users',
      ['Name', 'Groups', 'May', 'Since', ''],
      users.map((user) => [
        h('b', {}, user.name),
        user.groups.join(', '),
        [user.admin ? 'everything' : 'what is granted', user.disabled && 'disabled'].filter(Boolean).join(', '),
        time(user.createdAt),
        button({
          icon: 'more',
          label: `More for ${user.name}`,
          kind: 'plain',
          'aria-haspopup': 'menu',
          on: ({ currentTarget }) => openMenu(currentTarget, menu(user)),
        }),
      ]),
    );

  const menu = (user) => {
    const isMe = user.name === me.name;
    return [
      { text: 'Groups', icon: 'people', run: () => changeGroups(user).then(show) },
      { text: 'New password', icon: 'key', run: () => resetPassword(user) },
      !isMe && {
        text: user.admin ? 'Take administration away' : 'Make administrator',
        icon: 'person',
        run: () => change(user, { admin: !user.admin }),
      },
      !isMe && {
        text: user.disabled ? 'Enable' : 'Disable',
        icon: 'power',
        run: () => change(user, { disabled: !user.disabled }),
      },
      !isMe && null,
      !isMe && { text: 'Delete', icon: 'trash', danger: true, run: () => remove(user).then(show) },
    ].filter((item) => item !== false);
  };

  const add = button({ text: 'Add user', icon: 'plus', kind: 'primary', on: () => create().then(show) });
  void show();
  return { element: page('Users', [add], list), refresh: show, close() {} };
}

const groupsOf = (text) => text.split(/[\s,]+/).filter(Boolean);

async function create() {
  const made = await ask({
    title: 'Add a user',
    fields: [
      field(
        'Name',
        h('input', { name: 'name', required: true, autocomplete: 'off', autocapitalize: 'none', autofocus: true }),
      ),
      field('Groups', h('input', { name: 'groups', placeholder: 'staff, class-7b' })),
      field('Administrator', h('input', { type: 'checkbox', name: 'admin' }), 'May do everything with everything.'),
      field('Password', h('input', { name: 'password', autocomplete: 'off', placeholder: 'one is made' })),
    ],
    action: 'Add',
    submit: ({ name, groups, admin, password }) =>
      api.post('users', { name, groups: groupsOf(groups), admin, ...(password === '' ? {} : { password }) }),
  });
  if (made?.password) showPassword(made.name, made.password);
}

function showPassword(name, password) {
  tell({
    title: `The password of ${name}`,
    content: [h('p', { class: 'soft' }, 'It is shown only now.'), secret(password, 'the password')],
  });
}

function changeGroups({ name, groups }) {
  return ask({
    title: `Groups of ${name}`,
    fields: [field('Groups', h('input', { name: 'groups', value: groups.join(', '), autofocus: true }))],
    action: 'Save',
    submit: (values) => api.patch(at`users/${name}`, { groups: groupsOf(values.groups) }),
  });
}

async function resetPassword({ name }) {
  // As the service would make one: letters and digits that are not taken for each other.
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
  const made = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => letters[byte % letters.length]).join('');
  const done = await ask({
    title: `New password for ${name}`,
    intro: 'The old one is good no more, and their logins end.',
    fields: [
      field(
        'Password',
        h('input', { name: 'password', value: made, required: true, minlength: '8', autocomplete: 'off' }),
      ),
    ],
    action: 'Set',
    submit: ({ password }) => api.put(at`users/${name}/password`, { password }).then(() => ({ password })),
  });
  if (done !== undefined) showPassword(name, done.password);
}

async function remove({ name }) {
  const question = { title: `Delete ${name}?`, text: 'Their machines stay.', action: 'Delete' };
  if (await confirmed(question)) await attempt(() => api.delete(at`users/${name}`), { done: `${name} is deleted` });
}
