import type { Identity } from '../../server/auth/credentials.js';
import { Meter } from '../../server/session/meter.js';
import type { CloseReason, Session } from '../../server/session/session.js';

/** A session that only stands in a list, and writes down what it is told. */
export class FakeSession implements Session {
  readonly protocol = 'test';
  readonly meter = new Meter();
  readonly remote: string;
  readonly identity: Identity | undefined;
  /** What `setRights` said, in order. */
  readonly rights: ('view' | 'control')[] = [];
  readonly closed: string[] = [];

  constructor(remote: string, identity?: Identity) {
    this.remote = remote;
    this.identity = identity;
  }

  setRights(rights: 'view' | 'control'): void {
    this.rights.push(rights);
  }
  close(reason: CloseReason, text?: string): void {
    this.closed.push(text === undefined ? reason : `${reason}: ${text}`);
  }
  detach(): undefined {}
}

export function fakeSession(remote: string, user?: string, rights?: 'view' | 'control'): FakeSession {
  if (user === undefined) return new FakeSession(remote);
  return new FakeSession(remote, rights === undefined ? { user } : { user, rights });
}
