import { UserError } from '../../../src/base/errors.js';
import type { MachineConfig } from '../../../src/catalog/config.js';
import { type ConfigArgs, configFrom, configOptions } from './config-options.js';
import { done, type OnMachine, onMachine, verb } from './verb.js';

type SetArgs = OnMachine & ConfigArgs & { readonly unset?: string | readonly string[] };

/** `config` with what the options say, and without the fields that are to be left out. */
export function changed(config: MachineConfig, changes: MachineConfig, unset: readonly string[]): MachineConfig {
  const merged: MachineConfig = {
    ...config,
    ...changes,
    ...(changes.disks === undefined ? {} : { disks: [...(config.disks ?? []), ...changes.disks] }),
    ...(changes.console === undefined ? {} : { console: { ...config.console, ...changes.console } }),
  };
  const unknown = unset.find((field) => !(field in merged));
  if (unknown !== undefined) throw new UserError(`--unset ${unknown}: the definition has no such field`);
  return Object.fromEntries(Object.entries(merged).filter(([field]) => !unset.includes(field)));
}

export const SET = verb<SetArgs>(
  'set <machine>',
  'Change the definition; a running machine takes it at its next start',
  (argv) =>
    onMachine(configOptions(argv)).option('unset', {
      type: 'string',
      requiresArg: true,
      describe: 'Field to leave out, such as cdrom; may be repeated',
      group: 'Machine',
    }) as never,
  async (api, { machine, unset, ...args }) => {
    const changes = configFrom(args);
    const without = unset === undefined ? [] : [unset].flat();
    if (Object.keys(changes).length + without.length === 0) {
      throw new UserError("nothing to change: see 'vitrine set --help'; for all other fields 'vitrine define'", 2);
    }
    const { config } = await api.call('machine.show', { machine });
    const view = await api.call('machine.update', { machine, config: changed(config, changes, without) });
    return done(view, `${machine} is changed${view.pid === null ? '' : '; it takes effect at its next start'}`);
  },
);
