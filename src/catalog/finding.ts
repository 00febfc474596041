/** Where in a definition: keys and indices from the top. */
export type FieldPath = readonly (string | number)[];

export interface Finding {
  readonly path: FieldPath;
  /** Continues "FIELD: …": in lower case without a full stop. */
  readonly message: string;
}

/** `disks[0].size` */
export function fieldName(path: FieldPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');
}
