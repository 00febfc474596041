import { Problem } from '../base/errors.js';

/** For what an engine does not do: `refuse('the test card', 'be saved')`. */
export function refuse(who: string, what: string): Promise<never> {
  return Promise.reject(new Problem('not-supported', `${who} cannot ${what}`));
}
