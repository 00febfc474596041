import { readFileSync } from 'node:fs';
import { messageOf, UserError } from '../../src/base/errors.js';

/** The secret in a file that `option` names; `-` is the input. Throws UserError where there is none. */
export function firstLine(option: string, file: string): string {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new UserError(`${option}: cannot read ${file}: ${messageOf(error)}`);
  }
  const line = text.split(/\r?\n/, 1)[0]!;
  if (line === '') throw new UserError(`${option}: the first line of ${file} is empty`);
  return line;
}
