import { takeSnapshot } from '../actions.js';
import { api, at } from '../api.js';
import { confirmed } from '../dialogs.js';
import { button, empty, h, redraw } from '../dom.js';
import { time } from '../format.js';
import { may } from '../roles.js';
import { attempt } from '../toast.js';

/** The snapshots as a tree: what grew from what, and where the machine is. */
export function snapshotsPart({ name, now }) {
  const tree = h('div');
  const take = button({ text: 'Take a snapshot', icon: 'camera', on: () => takeSnapshot(now()).then(update) });
  const element = h('div', { class: 'part' }, h('div', { class: 'row' }, take), tree);
  let asked = 0;

  async function update() {
    const machine = now();
    if (machine === undefined) return;
    const mayChange = may(machine, 'operate');
    take.hidden = !mayChange || machine.state === 'template' || machine.state === 'invalid';
    const mine = ++asked;
    await attempt(async () => {
      const all = await api.get(at`machines/${name}/snapshots`);
      if (mine !== asked) return;
      redraw(
        tree,
        all.length === 0
          ? empty('No snapshots', 'A snapshot keeps the disks, and the memory of a running machine, to go back to.')
          : branch(all, null, mayChange),
      );
    });
  }

  const branch = (all, parent, mayChange) =>
    h(
      'ul',
      { class: 'tree' },
      all
        .filter((each) => each.parent === parent)
        .map((each) => {
          const hasChildren = all.some((other) => other.parent === each.id);
          return h('li', {}, line(each, mayChange), hasChildren && branch(all, each.id, mayChange));
        }),
    );

  const line = (snapshot, mayChange) => {
    const kinds = [snapshot.running ? 'running' : 'off', time(snapshot.takenAt)].join(', ');
    return h(
      'div',
      { class: 'snapshot', 'data-current': String(snapshot.current) },
      h(
        'div',
        { class: 'what' },
        h('b', {}, snapshot.name),
        snapshot.current && h('span', { class: 'tag' }, 'here'),
        h('small', {}, snapshot.description === '' ? kinds : `${snapshot.description} – ${kinds}`),
      ),
      mayChange && button({ text: 'Restore', icon: 'history', kind: 'plain', on: () => restore(snapshot) }),
      mayChange &&
        button({ icon: 'trash', label: `Delete ${snapshot.name}`, kind: 'plain', on: () => remove(snapshot) }),
    );
  };

  async function restore(snapshot) {
    const question = {
      title: `Restore “${snapshot.name}”?`,
      text: `${name} goes back to ${time(snapshot.takenAt)}. What is in no snapshot is lost.`,
      action: 'Restore',
    };
    if (!(await confirmed(question))) return;
    const done = `${name} is back at “${snapshot.name}”`;
    await attempt(() => api.post(at`machines/${name}/snapshots/${snapshot.id}/restore`), { done });
    await update();
  }

  async function remove(snapshot) {
    const question = {
      title: `Delete “${snapshot.name}”?`,
      text: 'What grew from it stays.',
      action: 'Delete',
    };
    if (!(await confirmed(question))) return;
    await attempt(() => api.delete(at`machines/${name}/snapshots/${snapshot.id}`));
    await update();
  }

  void update();
  return { element, update: (type) => type === 'machine' && update() };
}
