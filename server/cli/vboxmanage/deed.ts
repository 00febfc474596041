import type { MachineConfig } from '../../../src/catalog/config.js';
import type { ApiClient } from '../../api/client.js';

/** What a command line of VBoxManage comes to: one of ours, questions to the service, or work on this host. */
export type Deed =
  | { readonly ours: readonly string[] }
  /** Resolves to what is printed. */
  | { readonly ask: (api: ApiClient) => Promise<string> }
  | { readonly here: () => Promise<string> };

/** Another definition for a machine; `next` may refuse by throwing. */
export function change(machine: string, next: (config: MachineConfig) => MachineConfig): Deed {
  return {
    async ask(api) {
      const { config } = await api.call('machine.show', { machine });
      await api.call('machine.update', { machine, config: next(config) });
      return '';
    },
  };
}

/** Told beside what scripts read. */
export function note(text: string): void {
  process.stderr.write(`vitrine: ${text}\n`);
}
