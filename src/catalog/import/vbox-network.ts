import type { NicConfig } from '../config.js';
import { type Draft, isInterfaceName, macAddress } from './imported.js';
import type { Xml } from './xml.js';

type Tell = (line: string) => void;

const MODELS: Readonly<Record<string, NonNullable<NicConfig['model']>>> = {
  '82540EM': 'e1000',
  '82543GC': 'e1000',
  '82545EM': 'e1000',
  '82583V': 'e1000e',
  Am79C960: 'pcnet',
  Am79C970A: 'pcnet',
  Am79C973: 'pcnet',
  virtio: 'virtio',
};

export function importNetwork(hardware: Xml, draft: Draft, tell: Tell): void {
  const nics: NicConfig[] = [];
  for (const adapter of hardware.children('Network', 'Adapter')) {
    const about = `network card ${(adapter.number('slot') ?? 0) + 1}`;
    if (adapter.is('enabled', 'true')) nics.push(importAdapter(adapter, nics.length, about, tell));
    adapter.skip();
  }
  // None at all is told too: without a word there is one of type user.
  draft.nics = nics.length === 0 ? [{ type: 'none' }] : nics;
}

function importAdapter(adapter: Xml, index: number, about: string, tell: Tell): NicConfig {
  const type = adapter.attribute('type') ?? '';
  const model = MODELS[type];
  const mac = macAddress(adapter.attribute('MACAddress'));
  const card = { ...(model && { model }), ...(mac && { mac }) };
  if (model === undefined) tell(`${about}: its type ${type || 'without a name'}; it becomes the usual one`);
  if (adapter.is('cable', 'false')) {
    tell(`${about}: its cable is unplugged; it has no network until its type is changed`);
    return { type: 'none', ...card };
  }
  const bridged = adapter.child('BridgedInterface')?.attribute('name');
  if (bridged !== undefined && isInterfaceName(bridged)) {
    tell(
      `${about}: VirtualBox bridges onto ${bridged} itself; make a bridge that ${bridged} is a port of, and name it in nics[${index}].bridge`,
    );
    return { type: 'bridge', ...card, bridge: bridged };
  }
  const nat = adapter.child('NAT');
  if (nat !== undefined) {
    const forwards = nat.children('Forwarding').flatMap((rule) => forward(rule, about, tell));
    if (nat.attribute('network') !== undefined)
      tell(`${about}: the guest’s network ${nat.attribute('network')}; it is 10.0.2.0/24 here`);
    return { type: 'user', ...card, ...(forwards.length > 0 && { forwards }) };
  }
  const natNetwork = adapter.child('NATNetwork');
  if (natNetwork !== undefined) {
    tell(
      `${about}: the NAT network ${natNetwork.attribute('name') ?? ''}; it is alone behind the host’s address until it gets a bridge`,
    );
    return { type: 'user', ...card };
  }
  for (const [element, what] of [
    ['BridgedInterface', 'a bridge'],
    ['InternalNetwork', 'an internal network'],
    ['HostOnlyInterface', 'a host-only network'],
    ['HostOnlyNetwork', 'a host-only network'],
    ['GenericInterface', 'a driver of its own'],
    ['CloudNetwork', 'a cloud network'],
  ] as const) {
    const found = adapter.child(element);
    if (found === undefined) continue;
    const name = found.attribute('name') ?? found.attribute('driver') ?? '';
    tell(`${about}: ${what} (${name}); give it a bridge, until then it has no network`);
    return { type: 'none', ...card };
  }
  tell(`${about}: it is attached to nothing`);
  return { type: 'none', ...card };
}

/** `proto` is 0 for UDP, 1 for TCP. */
function forward(rule: Xml, about: string, tell: Tell): string[] {
  const protocol = ['udp', 'tcp'][rule.number('proto') ?? 1];
  const [hostPort, guestPort] = [rule.number('hostport') ?? 0, rule.number('guestport') ?? 0];
  const isPort = (port: number) => port >= 1 && port <= 65_535;
  const addresses = [rule.attribute('hostip') ?? '', rule.attribute('guestip') ?? ''];
  if (
    protocol === undefined ||
    !isPort(hostPort) ||
    !isPort(guestPort) ||
    !addresses.every((ip) => /^[\d.]*$/.test(ip))
  ) {
    tell(`${about}: the port forward ${rule.attribute('name') ?? ''}, whose ports or addresses cannot be used here`);
    return [];
  }
  return [`${protocol}:${addresses[0]}:${hostPort}:${addresses[1]}:${guestPort}`];
}
