import { api, at } from '../api.js';
import { ask } from '../dialogs.js';
import { button, field, h } from '../dom.js';
import { span } from '../format.js';
import { attempt } from '../toast.js';

const VIA = { rdp: 'RDP', rfb: 'VNC', websocket: 'browser' };

/** One session: who, from where, and what an operator can do about it. */
export function sessionLine(session, changed = () => {}) {
  const { id, user, via, remote, since, rights, machine } = session;
  const isWatching = rights === 'view';
  const setRights = ({ currentTarget: control }) =>
    attempt(() => api.patch(at`sessions/${id}`, { rights: isWatching ? 'control' : 'view' }), { control }).then(
      changed,
    );
  return [
    h(
      'div',
      { class: 'what' },
      h('b', {}, user),
      isWatching && h('span', { class: 'tag' }, 'watches'),
      h('small', {}, `${VIA[via] ?? via} from ${remote}, for ${span(since)}`),
    ),
    machine !== null &&
      button({
        text: isWatching ? 'Let drive' : 'View only',
        icon: 'eye',
        kind: 'plain',
        label: `${isWatching ? 'Let drive' : 'View only'}: ${user}`,
        on: setRights,
      }),
    button({
      text: 'Kick',
      icon: 'close',
      kind: 'plain',
      label: `Kick ${user}`,
      on: () => kick(session).then(changed),
    }),
  ].filter(Boolean);
}

function kick({ id, user }) {
  return ask({
    title: `End the session of ${user}?`,
    fields: [
      field(
        'What they are told',
        h('input', { name: 'message', maxlength: '200', placeholder: 'Optional', autofocus: true }),
      ),
    ],
    action: 'End the session',
    danger: true,
    submit: ({ message }) => api.delete(at`sessions/${id}`, { message }),
  });
}
