/** Where in a definition: keys and indices from the top. */
export type FieldPath = readonly (string | number)[];

export interface Finding {
  readonly path: FieldPath;
  /** Continues "FIELD: …": in lower case without a full stop. */
  readonly message: string;
}

/** More of a name that somebody made up says no more. */
const MAX_KEY_LENGTH = 60;

/** `disks[0].size` */
export function fieldName(path: FieldPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    const name = oneLine(key, MAX_KEY_LENGTH);
    return text === '' ? name : `${text}.${name}`;
  }, '');
}

/** For a message: what somebody else wrote must not break lines, move a terminal's cursor, or fill the screen. */
export function oneLine(text: string, maxLength: number): string {
  const line = text.slice(0, 2 * maxLength).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
  return line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line;
}
