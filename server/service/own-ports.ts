import type { MachineEntry } from '../../src/catalog/entry.js';
import type { OwnPort } from '../broker/own-ports.js';

/** The ports that definitions ask for; a console that is off has none, and a template no screen. */
export function ownPortsIn(entries: readonly MachineEntry[]): readonly OwnPort[] {
  return entries.flatMap(({ name, config }) => {
    const { access, rdpPort, vncPort } = config?.console ?? {};
    if (access === 'off' || config?.template === true) return [];
    const ports = (protocol: OwnPort['protocol'], text: string | undefined): readonly OwnPort[] =>
      text === undefined ? [] : [{ machine: name, protocol, ports: text }];
    return [...ports('rdp', rdpPort), ...ports('vnc', vncPort)];
  });
}
