import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { UserError } from '../../../src/base/errors.js';

/** Asks for a new password, twice, without showing it. Rejects with UserError where they differ, or nobody answers. */
export async function newPassword(whose: string): Promise<string> {
  const first = await hidden(`new password of ${whose}: `);
  if (first === '') throw new UserError('nothing is changed');
  if ((await hidden('once more: ')) !== first) throw new UserError('the two are not the same; nothing is changed');
  return first;
}

/** Asks for the password that is to be changed. Rejects with UserError where nobody answers. */
export function presentPassword(whose: string): Promise<string> {
  return hidden(`present password of ${whose}: `);
}

function hidden(question: string): Promise<string> {
  process.stderr.write(question);
  // The terminal's own echo is off while this reads, and what readline would show goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  return new Promise((resolve, reject) => {
    let answer: string | undefined;
    lines.once('line', (line) => {
      answer = line;
      lines.close();
    });
    lines.once('SIGINT', () => lines.close());
    lines.once('close', () => {
      process.stderr.write('\n');
      if (answer === undefined) reject(new UserError('nothing is changed'));
      else resolve(answer);
    });
  });
}
