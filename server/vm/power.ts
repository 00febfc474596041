import { messageOf, Problem } from '../../src/base/errors.js';
import type { EngineState, PowerAction } from '../../src/engine/engine.js';
import type { Machine } from '../../src/machine/machine.js';

export const POWER_ACTIONS: readonly PowerAction[] = ['pause', 'resume', 'reset', 'shutdown', 'off'];

/** Where an action makes sense; a machine that is between two lives is 'starting', and can be hurried. */
const FROM: Readonly<Record<PowerAction, readonly EngineState[]>> = {
  pause: ['running'],
  resume: ['paused'],
  reset: ['running', 'paused', 'starting'],
  shutdown: ['running'],
  off: ['starting', 'running', 'paused'],
};

/** Throws Problem: 'not-supported' or 'wrong-state'. */
export function checkPower(machine: Machine, action: PowerAction): void {
  if (!machine.engine.capabilities.power.has(action)) {
    throw new Problem('not-supported', `the ${machine.engine.kind} engine cannot ${action} a machine`);
  }
  if (!FROM[action].includes(machine.state)) {
    throw new Problem('wrong-state', `cannot ${action} a machine that is ${machine.state}`);
  }
}

/** After `checkPower`. Rejects with Problem 'failed' where the engine could not. */
export async function power(machine: Machine, action: PowerAction): Promise<void> {
  try {
    await machine.power(action);
  } catch (error) {
    throw error instanceof Problem ? error : new Problem('failed', messageOf(error));
  }
}
