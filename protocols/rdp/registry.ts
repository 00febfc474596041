import { entry, type RegistryEntry } from '../wire/codec.js';
import { capabilitiesRegistry } from './capabilities/registry.js';
import { ClientInfo } from './client-info.js';
import { fastPathRegistry } from './fast-path/registry.js';
import { gccRegistry } from './gcc/registry.js';
import { graphicsRegistry } from './graphics/registry.js';
import { inputRegistry } from './input/registry.js';
import { LicenseErrorMessage } from './license.js';
import { mcsRegistry } from './mcs/registry.js';
import { NegotiationFailure, NegotiationRequest, NegotiationResponse } from './nego.js';
import { PreconnectionPdu } from './preconnection.js';
import { SecurityHeader } from './security-header.js';
import { shareRegistry } from './share/registry.js';
import { ConnectionConfirm, ConnectionRequest, DisconnectRequest } from './x224.js';

const negotiation = { flags: 0, protocols: 0x0b };
const routing = 'Cookie: mstshash=vitrine';
const info = {
  codePage: 0x409,
  flags: 0x0010,
  domain: 'NTDEV',
  user: 'eltons',
  password: 'pässword',
  alternateShell: '',
  workingDirectory: '',
  extended: undefined,
};
const extended = { addressFamily: 2, clientAddress: '192.0.2.1', clientDirectory: 'C:\\', performanceFlags: 7 };

/** Every message of RDP that this project reads or writes, with values to exercise it. */
export const rdpRegistry: readonly RegistryEntry[] = [
  entry(PreconnectionPdu, { id: 7, text: undefined }, { id: 0, text: '' }, { id: 0xffff_ffff, text: 'desk-3' }),
  entry(NegotiationRequest, negotiation),
  entry(NegotiationResponse, { flags: 1, protocol: 1 }),
  entry(NegotiationFailure, { code: 1 }),
  entry(
    ConnectionRequest,
    { sourceReference: 0, routing, negotiation },
    { sourceReference: 7, routing: undefined, negotiation },
    { sourceReference: 7, routing, negotiation: undefined },
  ),
  entry(
    ConnectionConfirm,
    { destinationReference: 0, sourceReference: 0x1234, negotiation: { response: { flags: 1, protocol: 1 } } },
    { destinationReference: 0, sourceReference: 0x1234, negotiation: { failure: { code: 1 } } },
    { destinationReference: 0, sourceReference: 0x1234, negotiation: undefined },
  ),
  entry(DisconnectRequest, { destinationReference: 9, reason: 0 }),
  entry(SecurityHeader, { flags: 0x0040 }),
  entry(ClientInfo, info, { ...info, flags: 0, extended }, { ...info, extended }),
  entry(LicenseErrorMessage, { errorCode: 7, stateTransition: 2 }),
  ...mcsRegistry,
  ...gccRegistry,
  ...capabilitiesRegistry,
  ...shareRegistry,
  ...fastPathRegistry,
  ...graphicsRegistry,
  ...inputRegistry,
];
