import { resolve } from 'node:path';
import { UserError } from '../../../src/base/errors.js';
import type { SharedFolderConfig } from '../../../src/catalog/config.js';
import { control } from './control.js';
import { change, type Deed, note } from './deed.js';
import { createMedium } from './medium.js';
import { EMPTY_BOOT, modified, modifyArity } from './modify.js';
import { infoAsVBoxManage } from './show.js';
import { snapshot } from './snapshot.js';
import { attached, checkController, storageArity } from './storage.js';
import { flags, machineIn, needOption, optionOf, parseWords } from './words.js';

type Command = (rest: readonly string[]) => Deed;

/** Those of `import` that are heeded, or that there is nothing to heed of. */
const IMPORT_OPTIONS = ['vmname', 'name', 'n', 'dryrun', 'vsys', 'eula', 'json'];

const COMMANDS: Readonly<Record<string, Command>> = {
  createvm(rest) {
    const words = parseWords(rest, flags('register', 'default'));
    const name = needOption(words, 'createvm', 'name');
    return {
      async ask(api) {
        await api.call('machine.create', { name, config: { boot: EMPTY_BOOT } });
        const { folder } = await api.call('machine.show', { machine: name });
        return `Virtual machine '${name}' is created and registered.\nUUID: ${name}\nSettings file: '${folder}/machine.yaml'\n`;
      },
    };
  },
  modifyvm(rest) {
    const words = parseWords(rest, modifyArity);
    return change(machineIn(words, 'modifyvm'), (config) => {
      const { config: next, needless } = modified(config, words);
      if (needless.length > 0) note(`means nothing here and is left out: ${needless.join(', ')}`);
      return next;
    });
  },
  storagectl(rest) {
    const words = parseWords(rest, storageArity);
    const machine = machineIn(words, 'storagectl');
    checkController(words);
    return {
      async ask(api) {
        await api.call('machine.show', { machine });
        return '';
      },
    };
  },
  storageattach(rest) {
    const words = parseWords(rest, storageArity);
    return change(machineIn(words, 'storageattach'), (config) => attached(config, words));
  },
  createmedium: (rest) => ({ here: () => createMedium(parseWords(rest)) }),
  createhd: (rest) => ({ here: () => createMedium(parseWords(rest)) }),
  createvdi: (rest) => ({ here: () => createMedium(parseWords(rest)) }),
  sharedfolder([action = '', ...rest]) {
    const words = parseWords(rest, flags('readonly', 'transient', 'automount', 'global'));
    const machine = machineIn(words, 'sharedfolder');
    const name = needOption(words, 'sharedfolder', 'name');
    const without = (folders: readonly SharedFolderConfig[] = []) => folders.filter((folder) => folder.name !== name);
    if (action === 'remove') {
      return change(machine, (config) => ({ ...config, sharedFolders: without(config.sharedFolders) }));
    }
    if (action !== 'add') throw new UserError(`sharedfolder ${action} is not known here: add, remove`, 2);
    const path = resolve(needOption(words, 'sharedfolder add', 'hostpath'));
    const folder = { name, path, ...(optionOf(words, 'readonly') === undefined ? {} : { readOnly: true }) };
    return change(machine, (config) => ({ ...config, sharedFolders: [...without(config.sharedFolders), folder] }));
  },
  startvm: (rest) => ({ ours: ['start', ...parseWords(rest).words] }),
  controlvm: control,
  discardstate: (rest) => ({ ours: ['discard', ...rest] }),
  showvminfo(rest) {
    const words = parseWords(rest, flags('details', 'machinereadable'));
    const machine = machineIn(words, 'showvminfo');
    if (optionOf(words, 'machinereadable') !== undefined) return { ours: ['show', machine, '--machinereadable'] };
    return { ask: async (api) => infoAsVBoxManage(await api.call('machine.show', { machine })) };
  },
  unregistervm(rest) {
    const words = parseWords(rest, flags('delete', 'deleteall'));
    if (optionOf(words, 'delete', 'deleteall') === undefined) {
      throw new UserError('machines are unregistered by deleting them: add --delete', 2);
    }
    return { ours: ['delete', machineIn(words, 'unregistervm')] };
  },
  clonevm(rest) {
    const words = parseWords(rest, flags('register'));
    const machine = machineIn(words, 'clonevm');
    const at = optionOf(words, 'snapshot');
    const isLinked = (optionOf(words, 'options') ?? '').toLowerCase().split(',').includes('link');
    return {
      ours: [
        ...['clone', machine, optionOf(words, 'name') ?? `${machine}-Clone`],
        ...(isLinked ? ['--linked'] : []),
        ...(at === undefined ? [] : ['--snapshot', at]),
      ],
    };
  },
  registervm: (rest) => ({ ours: ['import', ...parseWords(rest).words] }),
  import(rest) {
    const words = parseWords(rest, flags('n', 'dryrun', 'json'));
    const name = optionOf(words, 'vmname', 'name');
    const isDry = optionOf(words, 'n', 'dryrun') !== undefined;
    const leftOut = words.options.map(([option]) => option).filter((option) => !IMPORT_OPTIONS.includes(option));
    if (leftOut.length > 0) note(`of what is imported nothing is changed; left out: ${leftOut.join(', ')}`);
    return {
      ours: [
        'import',
        ...words.words,
        ...(name === undefined ? [] : ['--name', name]),
        ...(isDry ? ['--dry-run'] : []),
      ],
    };
  },
  export(rest) {
    if (rest.some((arg) => /^(-o|--output)(=|$)/.test(arg))) {
      throw new UserError('there is no export to OVF here; without --output the definition is printed', 2);
    }
    return { ours: ['export', ...rest] };
  },
  list(rest) {
    const [what] = rest.filter((arg) => !arg.startsWith('-'));
    if (what === undefined) return { ours: ['list', ...rest] };
    if (what === 'vms' || what === 'runningvms') return { ours: ['list', what] };
    throw new UserError(`list ${what} is not known here: vms, runningvms`, 2);
  },
  snapshot,
};

/** There, and nothing of the kind here. */
const FOREIGN =
  'adoptstate bandwidthctl checkmediumpwd clonemedium clonehd closemedium cloudprofile convertfromraw debugvm dhcpserver encryptmedium encryptvm extpack getextradata guestcontrol guestproperty hostonlyif hostonlynet internalcommands mediumio mediumproperty metrics modifymedium modifyhd modifynvram movevm natnetwork objtracker setextradata setproperty showmediuminfo signova unattended updatecheck usbdevsource usbfilter';

/** A command line as VBoxManage takes it, but for the service's options; undefined for all others. Throws UserError. */
export function fromVBoxManage(args: readonly string[]): Deed | undefined {
  const [command = '', ...rest] = args.filter((arg, i) => !(i === 0 && /^(-q|--nologo)$/.test(arg)));
  if (rest.includes('--help')) return undefined;
  if (FOREIGN.split(' ').includes(command)) throw new UserError(`VBoxManage's ${command} has no counterpart here`, 2);
  return Object.hasOwn(COMMANDS, command) ? COMMANDS[command]?.(rest) : undefined;
}
