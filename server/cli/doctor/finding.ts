import { messageOf } from '../../../src/base/errors.js';

/** 'ok'; 'note': something that some machines need is not there, or could be better; 'bad': it will not work. */
export interface Finding {
  readonly verdict: 'ok' | 'note' | 'bad';
  readonly what: string;
  readonly text: string;
}

export const ok = (what: string, text: string): Finding => ({ verdict: 'ok', what, text });
export const note = (what: string, text: string): Finding => ({ verdict: 'note', what, text });
export const bad = (what: string, text: string): Finding => ({ verdict: 'bad', what, text });

/** What `look` finds; what it throws is worth a note. */
export async function tryOut(what: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return ok(what, await look());
  } catch (error) {
    return note(what, messageOf(error));
  }
}
