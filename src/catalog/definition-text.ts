import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MachineConfig } from './config.js';
import { DEFINITION_FILE } from './read-entry.js';
import { formatConfig, updateConfig } from './yaml.js';

/** What `machine.yaml` is to be for `config`: as somebody wrote it, where it says the same already. */
export async function definitionText(folder: string, config: MachineConfig): Promise<string> {
  const before = await readFile(join(folder, DEFINITION_FILE), 'utf8').catch(() => undefined);
  return before === undefined ? formatConfig(config) : updateConfig(before, config);
}
