import { readFileSync } from 'node:fs';
import type { Acceptor } from '../../../../protocols/rdp/acceptor.js';
import type { AcceptorEvent } from '../../../../protocols/rdp/acceptor-events.js';
import type { Step } from '../../../../protocols/wire/step.js';

export const CLIENTS = ['freerdp-2', 'rdesktop-1.9', 'node-rdpjs-2'] as const;

/** What a real client sent, read by read, without TLS: from its connection request until after it was active. */
export function recorded(client: (typeof CLIENTS)[number]): Uint8Array[] {
  const text = readFileSync(new URL(`../../../vectors/rdp/${client}.hex`, import.meta.url), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(hex);
}

/** Bytes from hex; blanks and anything after a `//` on a line are for the reader. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replace(/\/\/.*$/gm, '').replace(/\s+/g, ''), 'hex'));
}

export interface Played {
  readonly sent: Uint8Array[];
  readonly events: AcceptorEvent[];
}

/** Feeds a client's bytes to an acceptor whose caller answers at once: TLS stands, and every login is good. */
export function play(acceptor: Acceptor, reads: readonly Uint8Array[], width = 1024, height = 768): Played {
  const played: Played = { sent: [], events: [] };
  const take = ({ send, events }: Step<AcceptorEvent>): void => {
    played.sent.push(...send);
    for (const event of events) {
      played.events.push(event);
      if (event.type === 'tls') {
        take(acceptor.tlsReady());
        take(acceptor.step(event.early));
      }
      if (event.type === 'login') take(acceptor.accept(width, height));
    }
  };
  for (const read of reads) take(acceptor.step(read));
  return played;
}

export function join(pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(pieces));
}

/** The events of one type. */
export function ofType<T extends AcceptorEvent['type']>(
  { events }: Played,
  type: T,
): Extract<AcceptorEvent, { readonly type: T }>[] {
  return events.filter((event): event is Extract<AcceptorEvent, { readonly type: T }> => event.type === type);
}
