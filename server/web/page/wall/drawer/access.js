import { api, at } from '../api.js';
import { button, empty, field, h, redraw, select } from '../dom.js';
import { attempt } from '../toast.js';

const ROLES = [
  ['view', 'view: the screen'],
  ['use', 'use: keyboard, pointer'],
  ['operate', 'operate: power, sessions'],
  ['admin', 'admin: everything'],
];

/** Who may do what with the machine. */
export function accessPart({ name, me }) {
  const list = h('ul', { class: 'lines' });
  const nobody = empty('Administrators only', 'Nobody else has a role for this machine.');
  const known = h('datalist', { id: 'subjects' });
  const subject = h('input', {
    name: 'subject',
    list: 'subjects',
    required: true,
    placeholder: 'user or @group',
    autocomplete: 'off',
  });
  const role = select('role', ROLES, 'use');
  const give = button({ text: 'Give', kind: 'primary' });
  give.type = 'submit';
  const form = h('form', { class: 'inline' }, field('Who', subject), field('May', role), give, known);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void attempt(
      async () => {
        show(await api.put(at`machines/${name}/access/${subject.value}`, { role: role.value }));
        subject.value = '';
      },
      { control: give },
    );
  });

  function show(access) {
    const entries = Object.entries(access);
    nobody.hidden = entries.length > 0;
    redraw(
      list,
      ...entries.map(([who, what]) =>
        h(
          'li',
          {},
          h('div', { class: 'what' }, h('b', {}, who), h('small', {}, what)),
          button({
            text: 'Take away',
            icon: 'close',
            kind: 'plain',
            label: `Take away what ${who} may do`,
            on: ({ currentTarget: control }) =>
              attempt(async () => show(await api.delete(at`machines/${name}/access/${who}`)), { control }),
          }),
        ),
      ),
    );
  }

  const load = () => attempt(async () => show(await api.get(at`machines/${name}/access`)));
  void load();
  if (me.admin) {
    void api.get('users').then(
      (users) => {
        const groups = new Set(users.flatMap((user) => user.groups.map((group) => `@${group}`)));
        known.append(...[...users.map((user) => user.name), ...groups].map((value) => h('option', { value })));
      },
      () => {},
    );
  }
  return { element: h('div', { class: 'part' }, form, list, nobody), update: (type) => type === 'ready' && load() };
}
