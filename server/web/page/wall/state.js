import { h, setText } from './dom.js';

/** A machine's state for people: never by colour alone. */
const WORDS = {
  off: 'Off',
  saved: 'Saved',
  starting: 'Starting',
  running: 'Running',
  paused: 'Paused',
  saving: 'Saving',
  stopping: 'Stopping',
  crashed: 'Crashed',
  template: 'Template',
  invalid: 'Invalid',
};

export function wordFor(state) {
  return WORDS[state] ?? state;
}

export function hasScreen({ state }) {
  return state === 'running' || state === 'paused' || state === 'saving' || state === 'stopping';
}

export function stateBadge(state) {
  const badge = h('span', { class: 'state' }, h('i', { 'aria-hidden': 'true' }), h('span'));
  showState(badge, state);
  return badge;
}

export function showState(badge, state) {
  badge.dataset.state = state;
  setText(badge.lastChild, wordFor(state));
}
