import { api, at } from './api.js';
import { ask, confirmed } from './dialogs.js';
import { field, h } from './dom.js';
import { may } from './roles.js';
import { go } from './router.js';
import { attempt } from './toast.js';

const power = (name, text, icon, states, more = {}) => ({
  name,
  text,
  icon,
  role: 'operate',
  states,
  run: (machine, control) => attempt(() => api.post(at`machines/${machine.name}/` + name), { control }),
  ...more,
});

const UP = ['running', 'paused'];
const STILL = ['off', 'saved', 'crashed'];

/** Runs `action` once the person has said that they mean it. */
const afterAsking = (question, name, done) => async (machine) => {
  if (await confirmed(question(machine))) {
    await attempt(() => api.post(at`machines/${machine.name}/` + name), { done: done?.(machine) });
  }
};

/** All that can be done with a machine: in which states, and by whom. Menus, tiles and the drawer are made from it. */
export const ACTIONS = [
  power('start', 'Start', 'play', STILL),
  power('resume', 'Resume', 'play', ['paused']),
  power('pause', 'Pause', 'pause', ['running']),
  power('shutdown', 'Shut down', 'power', ['running']),
  power('save', 'Save and stop', 'save', UP),
  power('reset', 'Reset', 'reset', UP, {
    run: afterAsking(
      ({ name }) => ({
        title: `Reset ${name}?`,
        text: 'Like the button on a computer: what has not been written to its disks is lost.',
        action: 'Reset',
      }),
      'reset',
    ),
  }),
  power('stop', 'Turn off', 'stop', ['starting', ...UP, 'crashed'], {
    danger: true,
    run: afterAsking(
      ({ name }) => ({
        title: `Turn ${name} off?`,
        text: 'Like pulling the plug: what has not been written to its disks is lost.',
        action: 'Turn off',
      }),
      'stop',
    ),
  }),
  power('discard', 'Discard the saved state', 'trash', ['saved'], {
    danger: true,
    run: afterAsking(
      ({ name }) => ({
        title: `Discard the saved state of ${name}?`,
        text: 'It boots from its disks the next time, as after a power cut.',
        action: 'Discard',
      }),
      'discard',
    ),
  }),
  {
    name: 'snapshot',
    text: 'Take a snapshot',
    icon: 'camera',
    role: 'operate',
    states: ['off', 'running', 'paused', 'saved'],
    group: 'snapshots',
    run: takeSnapshot,
  },
  {
    name: 'rollback',
    text: 'Roll back',
    icon: 'history',
    role: 'operate',
    states: [...STILL, ...UP],
    group: 'snapshots',
    applies: ({ snapshot }) => snapshot !== null,
    run: afterAsking(
      ({ name }) => ({
        title: `Roll ${name} back to its last snapshot?`,
        text: 'What happened since is lost.',
        action: 'Roll back',
      }),
      'rollback',
      ({ name }) => `${name} is back at its last snapshot`,
    ),
  },
  {
    name: 'clone',
    text: 'Clone',
    icon: 'copy',
    role: 'admin',
    hostAdmin: true,
    states: ['template', 'off', 'saved', 'crashed'],
    group: 'machine',
    run: clone,
  },
  {
    name: 'delete',
    text: 'Delete',
    icon: 'trash',
    role: 'admin',
    states: ['off', 'saved', 'crashed', 'template', 'invalid'],
    group: 'machine',
    danger: true,
    run: remove,
  },
];

/** What `me` may do with the machine in its state. */
export function actionsFor(machine, me) {
  return ACTIONS.filter(
    ({ role, states, hostAdmin = false, applies }) =>
      may(machine, role) &&
      states.includes(machine.state) &&
      (!hostAdmin || me.admin) &&
      (applies === undefined || applies(machine)),
  );
}

/** For menus, with lines between what belongs together. */
export function menuFor(machine, me, without = []) {
  const items = [];
  let last;
  for (const action of actionsFor(machine, me)) {
    if (without.includes(action.name)) continue;
    if (last !== undefined && last.group !== action.group) items.push(null);
    last = action;
    const { text, icon, danger } = action;
    items.push({ text, icon, danger, run: (control) => action.run(machine, control) });
  }
  return items;
}

export function takeSnapshot({ name: machine }) {
  const suggestion = new Date().toISOString().slice(0, 16).replace('T', ' ').replace(':', '.');
  return ask({
    title: `Take a snapshot of ${machine}`,
    fields: [
      field('Name', h('input', { name: 'name', value: suggestion, required: true, maxlength: '64', autofocus: true })),
      field('Description', h('input', { name: 'description', maxlength: '500', placeholder: 'What it is good for' })),
    ],
    action: 'Take snapshot',
    submit: ({ name, description }) => api.post(at`machines/${machine}/snapshots`, { name, description }),
  });
}

async function clone({ name: machine, template }) {
  const made = await ask({
    title: template ? `New machine from ${machine}` : `Clone ${machine}`,
    fields: [
      field('Name', h('input', { name: 'name', required: true, autocomplete: 'off', autofocus: true })),
      field(
        'Linked',
        h('input', { type: 'checkbox', name: 'linked', checked: true }),
        'Shares what the disks hold now: made at once, and small.',
      ),
    ],
    action: 'Clone',
    submit: (values) => api.post(at`machines/${machine}/clone`, values),
  });
  if (made !== undefined) go('machines', made.name);
}

async function remove({ name }) {
  const question = {
    title: `Delete ${name}?`,
    text: 'Its disks and snapshots are deleted with it. This cannot be taken back.',
    action: 'Delete',
    name,
  };
  if (!(await confirmed(question))) return;
  await attempt(() => api.delete(at`machines/${name}`), { done: `${name} is deleted` });
}
