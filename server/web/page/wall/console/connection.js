import { logins } from '../api.js';
import { setSize } from './size.js';

const RETRY_MS = 2_000;

/**
 * noVNC at a machine's screen. One that is lost comes back by itself; one that somebody has ended waits to be opened
 * again. Dispatches 'opening', 'open', 'named' and 'end' (with isLost and a reason).
 */
export class Connection extends EventTarget {
  /** Undefined while there is none. */
  rfb;
  #target;
  #machine;
  #settings = { size: 'fit', viewOnly: false };
  #retry;
  #isClosed = false;

  constructor(target) {
    super();
    this.#target = target;
  }

  async open(machine) {
    this.#machine = machine;
    clearTimeout(this.#retry);
    this.#tell('opening');
    const noVnc = await import('../../novnc/core/rfb.js').catch(() => undefined);
    if (this.#isClosed || this.rfb !== undefined) return;
    if (noVnc === undefined) return this.#handleEnd(true, '');
    const url = new URL(`console/${encodeURIComponent(machine)}`, document.baseURI);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url, ['binary']);
    let isLost = true;
    // noVNC calls every end clean that came while it was connected; the socket knows whether somebody said goodbye.
    socket.addEventListener('close', ({ wasClean }) => {
      isLost = !wasClean;
    });
    const rfb = new noVnc.default(this.#target, socket);
    this.rfb = rfb;
    rfb.background = 'transparent';
    this.set({});
    let reason = '';
    rfb.addEventListener('connect', () => this.#tell('open'));
    rfb.addEventListener('desktopname', ({ detail }) => this.#tell('named', detail.name));
    // The cookie was enough a moment ago.
    rfb.addEventListener('credentialsrequired', () => logins.dispatchEvent(new Event('ended')));
    rfb.addEventListener('securityfailure', ({ detail }) => {
      reason = detail.reason ?? 'the service has refused the connection';
    });
    rfb.addEventListener('disconnect', () => this.#handleEnd(isLost && reason === '', reason));
  }

  /** @param settings any of size ('fit', 'real', 'guest') and viewOnly; they stay for the next connection */
  set(settings) {
    Object.assign(this.#settings, settings);
    const { rfb } = this;
    if (rfb === undefined) return;
    rfb.viewOnly = this.#settings.viewOnly;
    setSize(rfb, this.#settings.size);
  }

  focus() {
    this.rfb?.focus({ preventScroll: true });
  }

  close() {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.rfb?.disconnect();
  }

  #handleEnd(isLost, reason) {
    this.rfb = undefined;
    if (this.#isClosed) return;
    if (isLost) this.#retry = setTimeout(() => void this.open(this.#machine), RETRY_MS);
    this.#tell('end', { isLost, reason });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
