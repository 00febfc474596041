import { type Codec, decode, encode } from '../../wire/codec.js';
import { clientCapabilities } from '../capabilities/client-capabilities.js';
import { serverCapabilities } from '../capabilities/server-capabilities.js';
import type { ClientCapabilities } from '../client-settings.js';
import { SERVER_USER_ID, SHARE_ID, shareDataPdu, sharePdu } from '../envelope.js';
import type { Domain } from '../mcs-domain.js';
import type { Outbox } from '../outbox.js';
import { DeactivateAll } from './deactivate-all.js';
import { ConfirmActive, DemandActive } from './demand-active.js';
import { CONTROL, Control, FontMap, Synchronize } from './finalization.js';
import { SaveSessionInfo } from './save-session-info.js';
import { PDU_TYPE, type ShareControlPdu } from './share-control.js';
import { PDU_TYPE2, ShareData } from './share-data.js';

/**
 * - 'inactive': nothing was demanded yet
 * - 'confirm': Demand Active was sent, Confirm Active is awaited
 * - 'finalize': Synchronize, Control and Font List are awaited; each is answered
 * - 'active': pictures and input
 */
type State = 'inactive' | 'confirm' | 'finalize' | 'active';

/** The share: capability exchange, finalization, and again when the desktop changes. @spec MS-RDPBCGR 1.3.1.3 */
export class Share {
  readonly #domain: Domain;
  readonly #out: Outbox;
  #state: State = 'inactive';
  #wasActive = false;
  /** Whether it was told of its login, as it is once. */
  #isGreeted = false;
  #desktop = { width: 0, height: 0 };
  #capabilities: ClientCapabilities | undefined;

  constructor(domain: Domain, out: Outbox) {
    this.#domain = domain;
    this.#out = out;
  }

  get state(): State {
    return this.#state;
  }
  get isActive(): boolean {
    return this.#state === 'active';
  }
  /** The size of the latest activation. */
  get desktop(): { readonly width: number; readonly height: number } {
    return this.#desktop;
  }
  /** Input and channel data count from the first activation on, also while a reactivation is under way. */
  get wasActive(): boolean {
    return this.#wasActive;
  }

  /** This share is the continuation of another one, whose client may be in the middle of input. */
  resumed(): void {
    this.#wasActive = true;
  }

  activate(width: number, height: number): void {
    this.#desktop = { width, height };
    const bitsPerPixel = this.#domain.colorDepth;
    this.#sendShare(PDU_TYPE.demandActive, DemandActive, {
      shareId: SHARE_ID,
      capabilities: serverCapabilities({ width, height, bitsPerPixel, serverUserId: SERVER_USER_ID }),
    });
    this.#state = 'confirm';
  }

  deactivate(): void {
    this.#sendShare(PDU_TYPE.deactivateAll, DeactivateAll, { shareId: SHARE_ID });
    this.#state = 'inactive';
  }

  receive({ type, body }: ShareControlPdu): void {
    if (type === PDU_TYPE.data) this.#receiveData(decode(ShareData, body));
    else if (type === PDU_TYPE.confirmActive && this.#state === 'confirm') {
      this.#capabilities = clientCapabilities(decode(ConfirmActive, body).capabilities);
      this.#state = 'finalize';
    }
  }

  #receiveData({ type, body }: ShareData): void {
    switch (type) {
      case PDU_TYPE2.synchronize:
        if (this.#state !== 'finalize') return;
        this.#sendData(PDU_TYPE2.synchronize, Synchronize, { targetUser: this.#domain.userId });
        return;
      case PDU_TYPE2.control:
        if (this.#state === 'finalize') this.#answerControl(decode(Control, body));
        return;
      case PDU_TYPE2.fontList:
        if (this.#state === 'finalize') this.#finish();
        return;
      case PDU_TYPE2.persistentKeyList:
        return;
      case PDU_TYPE2.shutdownRequest:
        // The guest goes on without its viewer: a client that is told so asks its user and disconnects.
        this.#out.send.push(this.#data(PDU_TYPE2.shutdownDenied, new Uint8Array(0)));
        return;
      default:
        if (this.#wasActive) this.#out.events.push({ type: 'data', pduType2: type, body });
    }
  }

  #answerControl({ action }: Control): void {
    if (action === CONTROL.cooperate) {
      this.#sendData(PDU_TYPE2.control, Control, { action, grantId: 0, controlId: 0 });
    } else if (action === CONTROL.requestControl) {
      this.#sendData(PDU_TYPE2.control, Control, {
        action: CONTROL.grantedControl,
        grantId: this.#domain.userId,
        controlId: SERVER_USER_ID,
      });
    }
  }

  #finish(): void {
    const capabilities = this.#capabilities;
    if (capabilities === undefined) return;
    this.#sendData(PDU_TYPE2.fontMap, FontMap, {});
    if (!this.#isGreeted) this.#sendData(PDU_TYPE2.saveSessionInfo, SaveSessionInfo, {});
    this.#isGreeted = true;
    this.#state = 'active';
    this.#wasActive = true;
    const settings = this.#domain.settings(this.#desktop, SHARE_ID, capabilities);
    this.#out.events.push({ type: 'active', settings });
  }

  #data(type: number, body: Uint8Array): Uint8Array {
    return shareDataPdu(this.#domain.ioChannelId, { shareId: SHARE_ID, type, body });
  }

  #sendData<T>(type: number, codec: Codec<T>, value: T): void {
    this.#out.send.push(this.#data(type, encode(codec, value)));
  }

  #sendShare<T>(type: number, codec: Codec<T>, value: T): void {
    this.#out.send.push(sharePdu(this.#domain.ioChannelId, type, encode(codec, value)));
  }
}
