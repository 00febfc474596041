import type { Chunks } from '../wire/chunks.js';
import { chooseProtocol, NEGOTIATION_FAILURE, NEGOTIATION_FLAG, PROTOCOL } from './nego.js';
import type { Outbox } from './outbox.js';
import { type PreconnectionPdu, takePreconnection } from './preconnection.js';
import { TPKT_VERSION, tpkt } from './tpkt.js';
import { ConnectionConfirm, type ConnectionRequest, DisconnectRequest } from './x224.js';

/** Security protocols on offer, the strongest first. */
const OFFERED = [PROTOCOL.ssl];
/** Ours, in the connection confirm. */
const X224_REFERENCE = 0x1234;

/**
 * What comes before TLS: maybe a preconnection PDU, then the connection request with its negotiation.
 * @spec MS-RDPBCGR 1.3.1.1 Connection Initiation
 */
export class Opening {
  readonly #out: Outbox;
  #preconnection: PreconnectionPdu | undefined;
  #routing: string | undefined;
  #requestedProtocols = 0;

  constructor(out: Outbox) {
    this.#out = out;
  }

  get preconnection(): PreconnectionPdu | undefined {
    return this.#preconnection;
  }
  get routing(): string | undefined {
    return this.#routing;
  }
  /** Repeated to the client behind TLS, where nobody can have changed it on the way. */
  get requestedProtocols(): number {
    return this.#requestedProtocols;
  }

  /** Whether a preconnection PDU begins here. It comes once. */
  isPreconnection(inbound: Chunks): boolean {
    const [first] = inbound.peek(1) ?? [];
    return first !== undefined && first !== TPKT_VERSION && this.#preconnection === undefined;
  }

  /** Its bytes; undefined while it is not there whole. */
  takePreconnection(inbound: Chunks): Uint8Array | undefined {
    const taken = takePreconnection(inbound);
    this.#preconnection = taken?.pdu;
    return taken?.bytes;
  }

  /** Answers a connection request. Returns why it cannot go on with TLS, or undefined. */
  answer({ sourceReference, routing, negotiation }: ConnectionRequest): string | undefined {
    this.#routing = routing;
    if (negotiation === undefined) {
      // A client from before negotiation would not understand a failure either.
      this.#out.send.push(
        tpkt((w) => DisconnectRequest.encode(w, { destinationReference: sourceReference, reason: 0 })),
      );
      return 'the client knows no security but that of RDP itself';
    }
    this.#requestedProtocols = negotiation.protocols;
    const protocol = chooseProtocol(negotiation.protocols, OFFERED);
    const outcome =
      protocol === undefined
        ? { failure: { code: NEGOTIATION_FAILURE.sslRequiredByServer } }
        : { response: { flags: NEGOTIATION_FLAG.extendedClientData, protocol } };
    this.#out.send.push(
      tpkt((w) =>
        ConnectionConfirm.encode(w, {
          destinationReference: sourceReference,
          sourceReference: X224_REFERENCE,
          negotiation: outcome,
        }),
      ),
    );
    return protocol === undefined ? 'the client does not offer TLS' : undefined;
  }
}
