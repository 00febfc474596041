import type { Machine } from '../../src/machine/machine.js';
import type { SessionList } from './session-list.js';

/** How people call the protocols. */
const NAMES: Readonly<Record<string, string>> = { rdp: 'RDP', rfb: 'VNC' };
/** What the demo's task bar has room for. */
const MAX_CHARACTERS = 60;

/** Keeps the demo guest's task bar telling who is connected, if the machine's engine has a serial port to tell it by. */
export function tellVisitors(machine: Machine, sessions: SessionList): void {
  const tell = (): void => {
    const { engine } = machine;
    if (!('serialWrite' in engine) || typeof engine.serialWrite !== 'function') return;
    engine.serialWrite(`WHO ${visitors(sessions)}\n`);
  };
  sessions.onChange.on(tell);
  // A guest that came back has forgotten; a new one is told when it is no longer true that nobody is there.
  machine.onState.on(({ state }) => {
    if (state === 'running' && machine.restarts > 0) tell();
  });
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
