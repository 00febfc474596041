import type { MachineConfig } from '../../../src/catalog/config.js';
import type { ApiClient } from '../../api/client.js';

/** What a command line of VBoxManage comes to: one of ours, questions to the service, or work on this host. */
export type Deed =
  | { readonly ours: readonly string[] }
  /** Resolves to what is printed. */
  | { readonly ask: (api: ApiClient) => Promise<string> }
  | { readonly here: () => Promise<string> };

/** Another definition for a machine; `next` may refuse by throwing. */
export function change(
  machine: string,
  next: (config: MachineConfig) => MachineConfig,
  when: 'next start' | 'at once' = 'next start',
): Deed {
  return {
    async ask(api) {
      const { config } = await api.call('machine.show', { machine });
      const { pid } = await api.call('machine.update', { machine, config: next(config) });
      if (pid !== null && when === 'next start') note(`${machine} runs: it takes effect at its next start`);
      return '';
    },
  };
}

/** Told beside what scripts read. */
export function note(text: string): void {
  process.stderr.write(`vitrine: ${text}\n`);
}
