import type { Codec } from '../../wire/codec.js';
import { Writer } from '../../wire/writer.js';
import { BLOCK, writeBlock } from './data-block.js';

/** @spec MS-RDPBCGR 2.2.1.4.2 Server Core Data (TS_UD_SC_CORE) */
export interface ServerCoreData {
  readonly version: number;
  /** What the client asked for in its negotiation request, to the bit: it compares. */
  readonly clientRequestedProtocols: number;
  readonly earlyCapabilityFlags: number;
}

export const ServerCoreData: Codec<ServerCoreData> = {
  name: 'Server Core Data (TS_UD_SC_CORE)',
  fixedSize: 4 /* version */ + 4 /* clientRequestedProtocols */ + 4 /* earlyCapabilityFlags */,
  encode: (w, v) => void w.u32le(v.version).u32le(v.clientRequestedProtocols).u32le(v.earlyCapabilityFlags),
  decode: (r) => ({
    version: r.u32le('version'),
    clientRequestedProtocols: r.u32le('clientRequestedProtocols'),
    earlyCapabilityFlags: r.u32le('earlyCapabilityFlags'),
  }),
};

/** @spec MS-RDPBCGR 2.2.1.4.3 Server Security Data (TS_UD_SC_SEC1): under TLS both are 0 and nothing follows */
export interface ServerSecurityData {
  readonly encryptionMethod: number;
  readonly encryptionLevel: number;
}

export const ServerSecurityData: Codec<ServerSecurityData> = {
  name: 'Server Security Data (TS_UD_SC_SEC1)',
  fixedSize: 4 /* encryptionMethod */ + 4 /* encryptionLevel */,
  encode: (w, v) => void w.u32le(v.encryptionMethod).u32le(v.encryptionLevel),
  decode: (r) => ({ encryptionMethod: r.u32le('encryptionMethod'), encryptionLevel: r.u32le('encryptionLevel') }),
};

/** @spec MS-RDPBCGR 2.2.1.4.4 Server Network Data (TS_UD_SC_NET) */
export interface ServerNetworkData {
  readonly ioChannelId: number;
  readonly channelIds: readonly number[];
}

export const ServerNetworkData: Codec<ServerNetworkData> = {
  name: 'Server Network Data (TS_UD_SC_NET)',
  fixedSize: 2 /* MCSChannelId */ + 2 /* channelCount */,
  encode(w, { ioChannelId, channelIds }) {
    w.u16le(ioChannelId).u16le(channelIds.length);
    for (const id of channelIds) w.u16le(id);
    // The block's length has to be a multiple of four.
    if (channelIds.length % 2 === 1) w.u16le(0);
  },
  decode(r) {
    const ioChannelId = r.u16le('MCSChannelId');
    const count = r.u16le('channelCount');
    return { ioChannelId, channelIds: Array.from({ length: count }, () => r.u16le('channelId')) };
  },
};

/** @spec MS-RDPBCGR 2.2.1.4.5 Server Message Channel Data (TS_UD_SC_MCS_MSGCHANNEL) */
export interface ServerMessageChannelData {
  readonly channelId: number;
}

export const ServerMessageChannelData: Codec<ServerMessageChannelData> = {
  name: 'Server Message Channel Data (TS_UD_SC_MCS_MSGCHANNEL)',
  fixedSize: 2 /* MCSChannelID */,
  encode: (w, v) => void w.u16le(v.channelId),
  decode: (r) => ({ channelId: r.u16le('MCSChannelID') }),
};

export interface ServerData {
  readonly core: ServerCoreData;
  readonly security: ServerSecurityData;
  readonly network: ServerNetworkData;
  readonly messageChannel: ServerMessageChannelData | undefined;
}

/** In the order that Windows uses: core, network, security, message channel. */
export function encodeServerData(data: ServerData): Uint8Array {
  const w = new Writer();
  writeBlock(w, BLOCK.serverCore, ServerCoreData, data.core);
  writeBlock(w, BLOCK.serverNetwork, ServerNetworkData, data.network);
  writeBlock(w, BLOCK.serverSecurity, ServerSecurityData, data.security);
  if (data.messageChannel) writeBlock(w, BLOCK.serverMessageChannel, ServerMessageChannelData, data.messageChannel);
  return w.finish();
}
