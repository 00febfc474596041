import { entry, type RegistryEntry } from '../../wire/codec.js';
import { ConnectInitial, ConnectResponse, SERVER_DOMAIN_PARAMETERS } from './connect.js';
import {
  AttachUserConfirm,
  AttachUserRequest,
  ChannelJoinConfirm,
  ChannelJoinRequest,
  DisconnectProviderUltimatum,
  ErectDomainRequest,
  SendDataIndication,
  SendDataRequest,
} from './domain.js';

const userData = Uint8Array.from({ length: 300 }, (_, i) => i & 0xff);
const widest = {
  maxChannelIds: 0xffff,
  maxUserIds: 0xfc17,
  maxTokenIds: 0xffff,
  numPriorities: 1,
  minThroughput: 0,
  maxHeight: 1,
  maxMcsPduSize: 0xffff,
  protocolVersion: 2,
};

export const mcsRegistry: readonly RegistryEntry[] = [
  entry(ConnectInitial, {
    callingDomainSelector: Uint8Array.of(1),
    calledDomainSelector: Uint8Array.of(1),
    upwardFlag: true,
    target: SERVER_DOMAIN_PARAMETERS,
    minimum: { ...SERVER_DOMAIN_PARAMETERS, maxMcsPduSize: 1056 },
    maximum: widest,
    userData,
  }),
  entry(ConnectResponse, { result: 0, calledConnectId: 0, domainParameters: SERVER_DOMAIN_PARAMETERS, userData }),
  entry(ErectDomainRequest, { subHeight: 0, subInterval: 0 }, { subHeight: 300, subInterval: 70_000 }),
  entry(AttachUserRequest, {}),
  entry(AttachUserConfirm, { result: 0, initiator: 1007 }, { result: 15, initiator: 1001 }),
  entry(ChannelJoinRequest, { initiator: 1007, channelId: 1003 }),
  entry(
    ChannelJoinConfirm,
    { result: 0, initiator: 1007, requested: 1003, channelId: 1003 },
    { result: 3, initiator: 1007, requested: 2000, channelId: undefined },
  ),
  entry(SendDataRequest, { initiator: 1007, channelId: 1003, userData }),
  entry(SendDataIndication, { initiator: 1002, channelId: 1003, userData: userData.subarray(0, 5) }),
  entry(DisconnectProviderUltimatum, { reason: 1 }, { reason: 3 }),
];
