import { Problem } from '../../src/base/errors.js';
import type { Logger } from '../../src/base/log.js';
import { chooseEngine } from '../../src/catalog/engine-choice.js';
import type { MachineEntry } from '../../src/catalog/entry.js';
import type { Engine } from '../../src/engine/engine.js';
import { isQemuInstalled } from '../../src/engine/qemu/binary.js';
import { emulatorOptions, qemuOptions } from './engine-options.js';

export interface EngineSurroundings {
  /** Where it is remembered what QEMU and the host can do. */
  readonly stateDir: string;
  readonly log: Logger;
}

/**
 * The engine that runs a machine of the catalog; each engine's code is loaded only when it is the one. Rejects with
 * UserError for what the definition asks and nobody can do.
 * @param resumeFrom a state that it goes on from
 */
export async function engineFor(
  { config, problem, name, folder, stored }: MachineEntry,
  { stateDir, log }: EngineSurroundings,
  resumeFrom: string | null,
): Promise<Engine> {
  if (config === undefined) throw new Problem('invalid-definition', problem ?? `${name} has no definition`);
  if (config.template === true) throw new Problem('wrong-state', `${name} is a template, which is never started`);
  const choice = chooseEngine(config, await isQemuInstalled());
  if (choice.problem !== undefined) throw choice.problem;
  const resume = resumeFrom === null ? {} : { resumeFrom };
  if (choice.engine === 'emulator') {
    const { EmulatorEngine } = await import('../../src/engine/emulator/emulator.js');
    const disks = (config.disks ?? []).map(({ readOnly }, i) => ({ path: stored.disks[i]!, keep: readOnly !== true }));
    return new EmulatorEngine({ ...emulatorOptions(config, folder), disks, log, ...resume });
  }
  const [{ QemuEngine }, { checkDefinition }] = await Promise.all([
    import('../../src/engine/qemu/qemu.js'),
    import('../../src/machine/definition.js'),
  ]);
  // A machine among others may be asked to give memory back.
  const options = { ...qemuOptions(config, folder, stored.disks), name, folder, balloon: true };
  return new QemuEngine(await checkDefinition(options), { stateDir, log, ...resume });
}
