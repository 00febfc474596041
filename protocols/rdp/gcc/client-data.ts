import type { Codec } from '../../wire/codec.js';
import { Reader } from '../../wire/reader.js';
import { ClientCoreData } from './client-core-data.js';
import { BLOCK, readBlocks } from './data-block.js';

/** @spec MS-RDPBCGR 2.2.1.3.3 Client Security Data (TS_UD_CS_SEC) */
export interface ClientSecurityData {
  readonly encryptionMethods: number;
  readonly extEncryptionMethods: number;
}

export const ClientSecurityData: Codec<ClientSecurityData> = {
  name: 'Client Security Data (TS_UD_CS_SEC)',
  fixedSize: 4 /* encryptionMethods */ + 4 /* extEncryptionMethods */,
  encode: (w, v) => void w.u32le(v.encryptionMethods).u32le(v.extEncryptionMethods),
  decode: (r) => ({
    encryptionMethods: r.u32le('encryptionMethods'),
    extEncryptionMethods: r.u32le('extEncryptionMethods'),
  }),
};

const CHANNEL_NAME_BYTES = 8;
/** @spec MS-RDPBCGR 2.2.1.3.4 channelCount: 31 at most. */
const MAX_CHANNELS = 31;

/** @spec MS-RDPBCGR 2.2.1.3.4.1 Channel Definition Structure (CHANNEL_DEF) */
export interface ChannelDefinition {
  readonly name: string;
  readonly options: number;
}

/** @spec MS-RDPBCGR 2.2.1.3.4 Client Network Data (TS_UD_CS_NET) */
export interface ClientNetworkData {
  readonly channels: readonly ChannelDefinition[];
}

export const ClientNetworkData: Codec<ClientNetworkData> = {
  name: 'Client Network Data (TS_UD_CS_NET)',
  fixedSize: 4 /* channelCount */,
  encode(w, { channels }) {
    w.u32le(channels.length);
    for (const { name, options } of channels) {
      w.latin1(name).zeros(CHANNEL_NAME_BYTES - name.length);
      w.u32le(options);
    }
  },
  decode(r) {
    const count = r.u32le('channelCount');
    if (count > MAX_CHANNELS) r.fail('limit', 'channelCount', `${count} channels, at most ${MAX_CHANNELS}`);
    const channels: ChannelDefinition[] = [];
    for (let i = 0; i < count; i++) {
      const name = r.latin1(CHANNEL_NAME_BYTES, 'channel name');
      const end = name.indexOf('\0');
      channels.push({ name: end < 0 ? name : name.slice(0, end), options: r.u32le('channel options') });
    }
    return { channels };
  },
};

/** @spec MS-RDPBCGR 2.2.1.3.5 Client Cluster Data (TS_UD_CS_CLUSTER); old Mac clients pad it */
export interface ClientClusterData {
  readonly flags: number;
  readonly redirectedSessionId: number;
}

export const ClientClusterData: Codec<ClientClusterData> = {
  name: 'Client Cluster Data (TS_UD_CS_CLUSTER)',
  fixedSize: 4 /* flags */ + 4 /* redirectedSessionID */,
  encode: (w, v) => void w.u32le(v.flags).u32le(v.redirectedSessionId),
  decode: (r) => ({ flags: r.u32le('flags'), redirectedSessionId: r.u32le('redirectedSessionID') }),
};

const MAX_MONITORS = 16;

/** @spec MS-RDPBCGR 2.2.1.3.6.1 Monitor Definition (TS_MONITOR_DEF): edges inclusive, from the primary's corner */
export interface MonitorDefinition {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly flags: number;
}

/** @spec MS-RDPBCGR 2.2.1.3.6 Client Monitor Data (TS_UD_CS_MONITOR) */
export interface ClientMonitorData {
  readonly flags: number;
  readonly monitors: readonly MonitorDefinition[];
}

export const ClientMonitorData: Codec<ClientMonitorData> = {
  name: 'Client Monitor Data (TS_UD_CS_MONITOR)',
  fixedSize: 4 /* flags */ + 4 /* monitorCount */,
  encode(w, { flags, monitors }) {
    w.u32le(flags).u32le(monitors.length);
    for (const m of monitors) w.u32le(m.left).u32le(m.top).u32le(m.right).u32le(m.bottom).u32le(m.flags);
  },
  decode(r) {
    const flags = r.u32le('flags');
    const count = r.u32le('monitorCount');
    if (count > MAX_MONITORS) r.fail('limit', 'monitorCount', `${count} monitors, at most ${MAX_MONITORS}`);
    const monitors: MonitorDefinition[] = [];
    for (let i = 0; i < count; i++) {
      monitors.push({
        left: r.i32le('left'),
        top: r.i32le('top'),
        right: r.i32le('right'),
        bottom: r.i32le('bottom'),
        flags: r.u32le('monitor flags'),
      });
    }
    return { flags, monitors };
  },
};

/** @spec MS-RDPBCGR 2.2.1.3.7 Client Message Channel Data (TS_UD_CS_MCS_MSGCHANNEL) */
export interface ClientMessageChannelData {
  readonly flags: number;
}

export const ClientMessageChannelData: Codec<ClientMessageChannelData> = {
  name: 'Client Message Channel Data (TS_UD_CS_MCS_MSGCHANNEL)',
  fixedSize: 4 /* flags */,
  encode: (w, v) => void w.u32le(v.flags),
  decode: (r) => ({ flags: r.u32le('flags') }),
};

/** A client's data blocks. Clients may leave out all but the core; unknown ones are skipped. */
export interface ClientData {
  readonly core: ClientCoreData;
  readonly security?: ClientSecurityData;
  readonly network?: ClientNetworkData;
  readonly cluster?: ClientClusterData;
  readonly monitors?: ClientMonitorData;
  readonly messageChannel?: ClientMessageChannelData;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function decodeClientData(userData: Uint8Array): ClientData {
  const found: Mutable<Partial<ClientData>> = {};
  const r = new Reader(userData);
  for (const { type, body } of readBlocks(r)) {
    if (type === BLOCK.clientCore) found.core = ClientCoreData.decode(body);
    else if (type === BLOCK.clientSecurity) found.security = ClientSecurityData.decode(body);
    else if (type === BLOCK.clientNetwork) found.network = ClientNetworkData.decode(body);
    else if (type === BLOCK.clientCluster) found.cluster = ClientClusterData.decode(body);
    else if (type === BLOCK.clientMonitor) found.monitors = ClientMonitorData.decode(body);
    else if (type === BLOCK.clientMessageChannel) found.messageChannel = ClientMessageChannelData.decode(body);
  }
  const { core } = found;
  if (core === undefined) return r.fail('invalid', 'client data', 'has no core data');
  return { ...found, core };
}
