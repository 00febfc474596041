import type { Engine } from '../../src/engine/engine.js';
import type { SessionList } from '../session/session-list.js';

/** How people call the protocols. */
const NAMES: Readonly<Record<string, string>> = { rdp: 'RDP', rfb: 'VNC' };
/** What the demo's task bar has room for. */
const MAX_CHARACTERS = 60;

/** Keeps the demo guest's task bar telling who is connected, if this engine has a serial port to tell it by. */
export function tellVisitors(engine: Engine, sessions: SessionList): void {
  if (!('serialWrite' in engine) || typeof engine.serialWrite !== 'function') return;
  const write = engine.serialWrite.bind(engine) as (text: string) => void;
  sessions.onChange.on(() => write(`WHO ${visitors(sessions)}\n`));
}

function visitors(sessions: SessionList): string {
  const who = [...sessions].flatMap(({ identity, protocol }) =>
    identity === undefined ? [] : [`${identity.user} by ${NAMES[protocol] ?? protocol}`],
  );
  if (who.length === 0) return 'nobody is connected';
  // The guest knows ASCII; a user's name may be anything.
  const text = who.join(', ').replace(/[^ -~]/g, '?');
  return text.length <= MAX_CHARACTERS ? text : `${who.length} people are connected`;
}
