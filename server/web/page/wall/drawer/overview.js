import { api, at } from '../api.js';
import { ask } from '../dialogs.js';
import { button, field, h } from '../dom.js';
import { bytes, count, mebibytes, span, time } from '../format.js';
import { may } from '../roles.js';
import { attempt } from '../toast.js';

/** What the machine is made of and how it does. */
export function overviewPart({ name, now, me }) {
  const facts = h('dl', { class: 'facts-list' });
  const edit = button({ text: 'Change', on: () => change(details) });
  const yaml = h('details', { class: 'yaml' }, h('summary', {}, 'Definition'), h('pre', { tabindex: '0' }));
  const element = h('div', { class: 'part' }, facts, h('div', { class: 'row' }, edit), yaml);
  let details;
  let asked = 0;

  const showDefinition = async () => {
    if (!yaml.open) return;
    yaml.lastChild.textContent = await api.text(at`machines/${name}/definition`).catch(({ message }) => message);
  };
  const update = async () => {
    const mine = ++asked;
    await attempt(async () => {
      const found = await api.get(at`machines/${name}`);
      if (mine !== asked) return;
      details = found;
      facts.replaceChildren(
        ...linesOf(details, me).flatMap(([term, ...texts]) => [h('dt', {}, term), h('dd', {}, ...texts)]),
      );
      edit.hidden = !may(details, 'admin') || details.state === 'invalid';
      await showDefinition();
    });
  };
  yaml.addEventListener('toggle', showDefinition);
  edit.hidden = true;
  if (now() !== undefined) void update();
  return { element, update: (type) => type === 'machine' && update() };
}

function linesOf(machine, me) {
  const { config, state, engine, accel, width, height, startedAt, restarts, diskBytes, folder, description } = machine;
  const lines = [];
  const add = (term, text) => text && lines.push([term, text]);
  add('Description', description);
  add('Runs on', accel === null ? engine : `${engine}, ${accel}`);
  add('Memory', mebibytes(machine.memoryMiB));
  add('Processors', String(machine.cpus));
  add('Screen', width === null ? '' : `${width} × ${height}`);
  add('Running', startedAt === null || state === 'off' ? '' : `for ${span(startedAt)}, since ${time(startedAt)}`);
  add('Restarts', restarts > 0 ? `brought back ${count(restarts, 'time')}` : '');
  add('Boots', config.demo ? 'the built-in demo' : bootOf(config));
  for (const disk of config.disks ?? []) {
    add(
      'Disk',
      [disk.file ?? disk.iscsi, disk.size, disk.bus, disk.readOnly && 'read only'].filter(Boolean).join(', '),
    );
  }
  add('CD', config.cdrom);
  add('Floppy', config.floppy);
  add('Firmware', [config.firmware === 'uefi' && 'UEFI', config.tpm && 'TPM'].filter(Boolean).join(', '));
  for (const nic of config.nics ?? [])
    add('Network', [nic.type, nic.bridge, nic.model, ...(nic.forwards ?? [])].filter(Boolean).join(', '));
  add('On disk', bytes(diskBytes));
  add('Starts', config.autostart ? 'with the service' : '');
  add('When nobody is there', config.idle && `${config.idle.action} after ${config.idle.afterMinutes} min`);
  add('Several people', config.console?.share);
  add(
    'Pool',
    config.pool && (config.pool.type === 'per-user' ? 'a machine for each user' : 'a fresh machine for each visit'),
  );
  add(
    'Made of',
    machine.origin &&
      [machine.origin.template, machine.origin.user && `for ${machine.origin.user}`].filter(Boolean).join(' '),
  );
  add('Your role', machine.role);
  if (me.admin) add('Folder', folder);
  return lines;
}

function bootOf({ boot, kernel }) {
  return kernel ? `the kernel ${kernel}` : boot?.join(', then ');
}

/** What is changed most; all else is in the definition. */
function change({ name, config, memoryMiB, cpus }) {
  const number = (more) => h('input', { type: 'number', required: true, ...more });
  const check = (key) => h('input', { type: 'checkbox', name: key, checked: config[key] === true });
  const restarts = ['never', 'on-crash', 'always'].map((each) => [each, each.replace('-', ' ')]);
  return ask({
    title: `Change ${name}`,
    intro: 'A running machine takes it at its next start.',
    fields: [
      field('Description', h('input', { name: 'description', value: config.description ?? '' })),
      h(
        'div',
        { class: 'row pair' },
        field('Memory (MiB)', number({ name: 'memory', value: memoryMiB, min: 1 })),
        field('Processors', number({ name: 'cpus', value: cpus, min: 1 })),
      ),
      field('CD image', h('input', { name: 'cdrom', value: config.cdrom ?? '', placeholder: 'path on the host' })),
      field(
        'Start again',
        h(
          'select',
          { name: 'restart' },
          restarts.map(([value, text]) =>
            h('option', { value, selected: value === (config.restart ?? 'on-crash') }, text),
          ),
        ),
      ),
      field('Start with the service', check('autostart')),
      field('Template', check('template'), 'Is never started; machines are cloned from it.'),
    ],
    action: 'Save',
    async submit(values) {
      // As it is now, not as it was when the drawer was opened.
      const { config: given } = await api.get(at`machines/${name}`);
      const next = { ...given, restart: values.restart };
      for (const key of ['description', 'cdrom']) setOrDrop(next, key, values[key], values[key] !== '');
      for (const key of ['autostart', 'template']) setOrDrop(next, key, true, values[key]);
      if (Number(values.memory) !== memoryMiB) next.memory = Number(values.memory);
      if (Number(values.cpus) !== cpus) next.cpus = Number(values.cpus);
      if (values.restart === 'on-crash' && given.restart === undefined) delete next.restart;
      return api.put(at`machines/${name}/definition`, { config: next });
    },
  });
}

function setOrDrop(config, key, value, isWanted) {
  if (isWanted) config[key] = value;
  else delete config[key];
}
