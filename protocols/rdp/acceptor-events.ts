import type { ClientSettings } from './client-settings.js';
import type { PreconnectionPdu } from './preconnection.js';

/** What a client says of who it is. Nothing of it is proven. */
export interface Login {
  readonly user: string;
  readonly domain: string;
  readonly password: string;
  readonly clientName: string;
  /** What the client takes for its own address. */
  readonly clientAddress: string;
  /** The routing token or cookie of the connection request, without its line end. */
  readonly routing: string | undefined;
  /** What the preconnection PDU says, where there was one. */
  readonly preconnection: PreconnectionPdu | undefined;
  /** The desktop that the client asks for. */
  readonly desktop: { readonly width: number; readonly height: number };
}

export type AcceptorEvent =
  /** Become TLS now, after what is to be sent; `early` was read already and belongs to it. Then `tlsReady`. */
  | { readonly type: 'tls'; readonly early: Uint8Array }
  /** Answer with `accept` or `reject`; until then nothing more of the client is looked at. */
  | { readonly type: 'login'; readonly login: Login }
  /** The client can be sent pictures, all of it anew: its caches are empty. Comes again after each reactivation. */
  | { readonly type: 'active'; readonly settings: ClientSettings }
  /** A share data PDU that the acceptor leaves to its caller. */
  | { readonly type: 'data'; readonly pduType2: number; readonly body: Uint8Array }
  | { readonly type: 'fast-path'; readonly bytes: Uint8Array }
  /** Static virtual channel data, from its CHANNEL_PDU_HEADER on. */
  | { readonly type: 'channel'; readonly channelId: number; readonly data: Uint8Array }
  /** Nothing follows: send what is to be sent, then close the connection. */
  | { readonly type: 'closed'; readonly reason: string };
