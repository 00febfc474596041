import { decode, encode } from '../wire/codec.js';
import type { Reader } from '../wire/reader.js';
import type { ClientCapabilities, ClientSettings, StaticChannel } from './client-settings.js';
import { mcsPdu } from './envelope.js';
import { EARLY_CAPABILITY, sessionColorDepth } from './gcc/client-core-data.js';
import { type ClientData, decodeClientData } from './gcc/client-data.js';
import { ConferenceCreateRequest, ConferenceCreateResponse } from './gcc/conference.js';
import { encodeServerData } from './gcc/server-data.js';
import { type ConnectInitial, type ConnectResponse, SERVER_DOMAIN_PARAMETERS } from './mcs/connect.js';
import {
  AttachUserConfirm,
  AttachUserRequest,
  ChannelJoinConfirm,
  ChannelJoinRequest,
  DOMAIN_PDU,
  domainPduChoice,
  RESULT,
} from './mcs/domain.js';

/** The I/O channel's number is fixed by habit; the others follow it. */
const IO_CHANNEL_ID = 1003;
/** RDP 5 and later. @spec MS-RDPBCGR 2.2.1.4.2 version */
const SERVER_VERSION = 0x0008_0004;
const CONFERENCE_NODE_ID = 0x79f3;

/** One connection's MCS domain: what the client said in its settings, and who has which channel number. */
export class Domain {
  readonly client: ClientData;
  readonly ioChannelId = IO_CHANNEL_ID;
  readonly channels: readonly StaticChannel[];
  readonly messageChannelId: number | undefined;
  readonly userId: number;

  static fromConnectInitial(initial: ConnectInitial): Domain {
    const { userData } = decode(ConferenceCreateRequest, initial.userData);
    return new Domain(decodeClientData(userData));
  }

  constructor(client: ClientData) {
    this.client = client;
    let nextId = IO_CHANNEL_ID + 1;
    this.channels = (client.network?.channels ?? []).map(({ name, options }) => ({ name, options, id: nextId++ }));
    this.messageChannelId = client.messageChannel && nextId++;
    this.userId = nextId;
  }

  get colorDepth(): ClientSettings['colorDepth'] {
    return sessionColorDepth(this.client.core);
  }
  get supportsErrorInfo(): boolean {
    return ((this.client.core.earlyCapabilityFlags ?? 0) & EARLY_CAPABILITY.supportErrorInfo) !== 0;
  }

  connectResponse(requestedProtocols: number): ConnectResponse {
    const { messageChannelId } = this;
    const userData = encodeServerData({
      core: { version: SERVER_VERSION, clientRequestedProtocols: requestedProtocols, earlyCapabilityFlags: 0 },
      security: { encryptionMethod: 0, encryptionLevel: 0 },
      network: { ioChannelId: this.ioChannelId, channelIds: this.channels.map((channel) => channel.id) },
      messageChannel: messageChannelId === undefined ? undefined : { channelId: messageChannelId },
    });
    return {
      result: RESULT.successful,
      calledConnectId: 0,
      domainParameters: SERVER_DOMAIN_PARAMETERS,
      userData: encode(ConferenceCreateResponse, { nodeId: CONFERENCE_NODE_ID, userData }),
    };
  }

  /** The confirm to an Attach User or Channel Join Request. */
  answer(r: Reader): Uint8Array {
    if (domainPduChoice(r) === DOMAIN_PDU.attachUserRequest) {
      AttachUserRequest.decode(r);
      return mcsPdu(AttachUserConfirm, { result: RESULT.successful, initiator: this.userId });
    }
    const { channelId } = ChannelJoinRequest.decode(r);
    const known = this.#has(channelId);
    return mcsPdu(ChannelJoinConfirm, {
      result: known ? RESULT.successful : RESULT.noSuchChannel,
      initiator: this.userId,
      requested: channelId,
      channelId: known ? channelId : undefined,
    });
  }

  /** All that was said and settled, for the caller. */
  settings(
    desktop: { readonly width: number; readonly height: number },
    shareId: number,
    capabilities: ClientCapabilities,
  ): ClientSettings {
    const { core } = this.client;
    return {
      clientName: core.clientName,
      clientBuild: core.clientBuild,
      keyboardLayout: core.keyboardLayout,
      desktopWidth: desktop.width,
      desktopHeight: desktop.height,
      colorDepth: this.colorDepth,
      channels: this.channels,
      ioChannelId: this.ioChannelId,
      userChannelId: this.userId,
      shareId,
      capabilities,
    };
  }

  #has(channelId: number): boolean {
    if (channelId === this.userId || channelId === this.ioChannelId || channelId === this.messageChannelId) return true;
    return this.channels.some((channel) => channel.id === channelId);
  }
}
