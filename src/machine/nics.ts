import { createHash } from 'node:crypto';
import { access, constants } from 'node:fs/promises';
import { hostname } from 'node:os';
import { Problem } from '../base/errors.js';
import type { Forward, Nic, NicOptions } from './hardware.js';

/** More than any guest's firmware shows, fewer than there are slots. */
const MAX_NICS = 8;
/** An interface's name, as Linux has it. */
const INTERFACE = /^[A-Za-z0-9._-]{1,15}$/;
const ADDRESS = /^(\d{1,3}\.){3}\d{1,3}$/;

/** Checks the network cards; those of type 'none' are none. Throws Problem. */
export async function checkNics(nics: readonly NicOptions[], machine: string): Promise<Nic[]> {
  const wanted = nics.filter(({ type }) => type !== 'none');
  if (wanted.length > MAX_NICS) throw invalid(`${wanted.length} network cards, at most ${MAX_NICS} fit`);
  return Promise.all(wanted.map((nic, i) => checkNic(nic, `${hostname()}/${machine}/${i}`)));
}

async function checkNic({ type, model, mac, bridge, forwards = [] }: NicOptions, identity: string): Promise<Nic> {
  if (type === 'bridge') {
    if (bridge === undefined) throw invalid('a network card of type bridge needs the name of the bridge');
    if (forwards.length > 0) throw invalid('port forwards are for network cards of type user');
    await checkBridge(bridge);
  } else if (bridge !== undefined) throw invalid('a bridge is for network cards of type bridge');
  return {
    type: type === 'bridge' ? 'bridge' : 'user',
    model,
    // Behind a network of its own every machine may have QEMU's address; on a bridge no two may.
    mac: checkMac(mac) ?? (type === 'bridge' ? macFor(identity) : undefined),
    bridge,
    forwards: forwards.map(parseForward),
  };
}

async function checkBridge(bridge: string): Promise<void> {
  if (!INTERFACE.test(bridge)) throw invalid(`'${bridge}' cannot be the name of a bridge`);
  if (process.platform !== 'linux') throw new Problem('not-supported', 'bridges are for hosts that run Linux');
  const isBridge = await access(`/sys/class/net/${bridge}/bridge`, constants.F_OK).then(
    () => true,
    () => false,
  );
  if (!isBridge)
    throw new Problem('unavailable', `this host has no bridge '${bridge}' (ip link add ${bridge} type bridge)`);
}

function checkMac(mac: string | undefined): string | undefined {
  if (mac === undefined) return undefined;
  if (!/^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$/.test(mac)) throw invalid(`'${mac}' is no MAC address`);
  if (Number.parseInt(mac.slice(0, 2), 16) & 1) throw invalid(`${mac} is a multicast address`);
  return mac.toLowerCase();
}

/** An address of QEMU's range that stays the same for the same card of the same machine on the same host. */
function macFor(identity: string): string {
  const tail = createHash('sha256').update(identity).digest().subarray(0, 3);
  return `52:54:00:${[...tail].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;
}

/** `tcp|udp:[HOST-ADDRESS]:HOST-PORT:[GUEST-ADDRESS]:GUEST-PORT`. Throws Problem. */
export function parseForward(text: string): Forward {
  const [protocol, hostAddress, hostPort, guestAddress, guestPort, ...rest] = text.split(':');
  const isPort = (port: string | undefined): boolean => /^\d{1,5}$/.test(port ?? '') && +port! >= 1 && +port! <= 65_535;
  const isAddress = (address: string | undefined): boolean => address === '' || ADDRESS.test(address ?? 'none');
  const isSound = isAddress(hostAddress) && isPort(hostPort) && isAddress(guestAddress) && isPort(guestPort);
  if ((protocol !== 'tcp' && protocol !== 'udp') || !isSound || rest.length > 0) {
    throw invalid(`the port forward '${text}' is not tcp|udp:[HOST-ADDRESS]:HOST-PORT:[GUEST-ADDRESS]:GUEST-PORT`);
  }
  return {
    protocol,
    // QEMU would listen on every address of the host.
    hostAddress: hostAddress === '' ? '127.0.0.1' : hostAddress!,
    hostPort: Number(hostPort),
    guestAddress: guestAddress!,
    guestPort: Number(guestPort),
  };
}

const invalid = (message: string): Problem => new Problem('invalid-definition', message);
