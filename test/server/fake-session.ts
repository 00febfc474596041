import { Meter } from '../../server/session/meter.js';
import type { Session } from '../../server/session/session.js';

/** A session that only stands in a list. */
export function fakeSession(remote: string, user?: string): Session {
  const identity = user === undefined ? undefined : { user };
  return {
    protocol: 'test',
    remote,
    identity,
    meter: new Meter(),
    setRights() {},
    close() {},
    detach: () => undefined,
  };
}
