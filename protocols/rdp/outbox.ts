import type { Step } from '../wire/step.js';
import type { AcceptorEvent } from './acceptor-events.js';

/** What a step has come to so far: filled by the parts of the acceptor, emptied by its caller's return. */
export class Outbox {
  send: Uint8Array[] = [];
  events: AcceptorEvent[] = [];

  flush(): Step<AcceptorEvent> {
    const step = { send: this.send, events: this.events };
    this.send = [];
    this.events = [];
    return step;
  }
}
