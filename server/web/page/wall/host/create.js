import { api, at } from '../api.js';
import { ask } from '../dialogs.js';
import { field, h, select } from '../dom.js';
import { go } from '../router.js';
import { attempt } from '../toast.js';

/** A new machine: the demo, from an ISO, a clone of a template, or what another program has defined. */
export async function createMachine(store) {
  const templates = [...store.machines.values()].filter(({ state }) => state === 'template').map(({ name }) => name);
  const kinds = [
    ['cdrom', 'Install from an ISO'],
    templates.length > 0 && ['clone', 'Clone a template'],
    ['demo', 'The built-in demo'],
    ['import', 'Import from VirtualBox or libvirt'],
  ].filter(Boolean);
  const kind = select('kind', kinds, templates.length > 0 ? 'clone' : 'demo');
  const text = (name, more) => h('input', { name, autocomplete: 'off', spellcheck: 'false', ...more });
  const only =
    (...wanted) =>
    (element) => {
      element.dataset.only = wanted.join(' ');
      return element;
    };
  const fields = [
    field('What', kind),
    field('Name', text('name', { placeholder: 'desk-1', autofocus: true })),
    only('clone')(
      field(
        'Template',
        select(
          'template',
          templates.map((name) => [name, name]),
        ),
      ),
    ),
    only('clone')(
      field(
        'Linked',
        h('input', { type: 'checkbox', name: 'linked', checked: true }),
        'Shares the template’s disks: made at once, and small.',
      ),
    ),
    only('cdrom')(
      field('ISO', text('cdrom', { placeholder: '/srv/iso/debian-12-netinst.iso' }), 'A path on the host.'),
    ),
    only('cdrom')(field('New disk', text('size', { value: '20G' }), 'Grows as it is written. Empty: none.')),
    only('import')(
      field(
        'File',
        text('file', { placeholder: '/srv/vms/win7/win7.vbox' }),
        'A .vbox, .ova, .ovf or libvirt .xml on the host. Nothing is made before you have seen what it gives.',
      ),
    ),
    only(
      'cdrom',
      'demo',
    )(
      h(
        'div',
        { class: 'row pair' },
        field('Memory (MiB)', text('memory', { type: 'number', min: '1', placeholder: 'as usual' })),
        field('Processors', text('cpus', { type: 'number', min: '1', placeholder: '1' })),
      ),
    ),
    only('cdrom', 'demo')(field('Description', text('description', {}))),
    only('cdrom', 'demo', 'clone')(field('Start it', h('input', { type: 'checkbox', name: 'start', checked: true }))),
  ];
  const arrange = () => {
    for (const element of fields) {
      const wanted = element.dataset.only?.split(' ');
      element.hidden = wanted !== undefined && !wanted.includes(kind.value);
    }
  };
  kind.addEventListener('change', arrange);
  arrange();
  const made = await ask({ title: 'New machine', fields, action: 'Go on', submit: make });
  if (made === undefined) return;
  if (made.notCarriedOver !== undefined) return importAfterLook(made);
  go('machines', made.machine.name);
  if (made.start) await attempt(() => api.post(at`machines/${made.machine.name}/start`));
}

async function make({ kind, name, template, linked, cdrom, size, file, memory, cpus, description, start }) {
  if (kind === 'import') {
    const found = await api.post('machines/import', { file, dryRun: true, ...(name === '' ? {} : { name }) });
    return { ...found, file };
  }
  if (name === '') throw new Error('the machine needs a name');
  if (kind === 'clone') return { machine: await api.post(at`machines/${template}/clone`, { name, linked }), start };
  const config = {
    ...(description === '' ? {} : { description }),
    ...(memory === '' ? {} : { memory: Number(memory) }),
    ...(cpus === '' ? {} : { cpus: Number(cpus) }),
    ...(kind === 'demo' ? { demo: true } : {}),
    ...(kind === 'cdrom' ? { cdrom, boot: ['disk', 'cdrom'] } : {}),
    ...(kind === 'cdrom' && size !== '' ? { disks: [{ size }] } : {}),
  };
  return { machine: await api.post('machines', { name, config }), start };
}

/** What an import would make, and what would be missing; then for real. */
async function importAfterLook({ file, name, config, notCarriedOver }) {
  const missing =
    notCarriedOver.length === 0
      ? h('p', {}, 'Everything is carried over.')
      : h(
          'div',
          {},
          h('h3', {}, 'Not carried over'),
          h(
            'ul',
            {},
            notCarriedOver.map((line) => h('li', {}, line)),
          ),
        );
  const made = await ask({
    title: `Import ${name}`,
    wide: true,
    fields: [h('pre', { tabindex: '0' }, JSON.stringify(config, null, 2)), missing],
    action: 'Import',
    submit: () => api.post('machines/import', { file, name }),
  });
  if (made?.machine) go('machines', made.machine.name);
}
