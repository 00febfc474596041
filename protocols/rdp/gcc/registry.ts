import { entry, type RegistryEntry } from '../../wire/codec.js';
import { ClientCoreData } from './client-core-data.js';
import {
  ClientClusterData,
  ClientMessageChannelData,
  ClientMonitorData,
  ClientNetworkData,
  ClientSecurityData,
} from './client-data.js';
import { ConferenceCreateRequest, ConferenceCreateResponse } from './conference.js';
import { ServerCoreData, ServerMessageChannelData, ServerNetworkData, ServerSecurityData } from './server-data.js';

const core: ClientCoreData = {
  version: 0x0008_0004,
  desktopWidth: 1280,
  desktopHeight: 1024,
  colorDepth: 0xca01,
  keyboardLayout: 0x409,
  clientBuild: 3790,
  clientName: 'ELTONS-DEV2',
  keyboardType: 4,
  keyboardSubType: 0,
  keyboardFunctionKeys: 12,
};
const recent = { postBeta2ColorDepth: 0xca01, highColorDepth: 24, supportedColorDepths: 15, earlyCapabilityFlags: 3 };
const userData = Uint8Array.from({ length: 200 }, (_, i) => i);

export const gccRegistry: readonly RegistryEntry[] = [
  entry(ConferenceCreateRequest, { userData }, { userData: new Uint8Array(0) }),
  entry(ConferenceCreateResponse, { nodeId: 31219, userData }),
  entry(
    ClientCoreData,
    core,
    { ...core, ...recent },
    { ...core, ...recent, connectionType: 6, serverSelectedProtocol: 1 },
  ),
  entry(ClientSecurityData, { encryptionMethods: 0x1b, extEncryptionMethods: 0 }),
  entry(
    ClientNetworkData,
    { channels: [] },
    {
      channels: [
        { name: 'rdpdr', options: 0x8080_0000 },
        { name: 'cliprdr', options: 0xc0a0_0000 },
      ],
    },
  ),
  entry(ClientClusterData, { flags: 0x0d, redirectedSessionId: 0 }),
  entry(ClientMonitorData, { flags: 0, monitors: [{ left: -1280, top: 0, right: -1, bottom: 1023, flags: 1 }] }),
  entry(ClientMessageChannelData, { flags: 0 }),
  entry(ServerCoreData, { version: 0x0008_0004, clientRequestedProtocols: 0x0b, earlyCapabilityFlags: 0 }),
  entry(ServerSecurityData, { encryptionMethod: 0, encryptionLevel: 0 }),
  entry(ServerNetworkData, { ioChannelId: 1003, channelIds: [1004, 1005, 1006] }),
  entry(ServerMessageChannelData, { channelId: 1007 }),
];
