/** A key of a US keyboard, as QMP (qcode) and browsers (code) name it, and what it types without and with Shift. */
interface Key {
  readonly qcode: string;
  readonly code: string;
  readonly shift: boolean;
}

const PUNCTUATION: readonly (readonly [qcode: string, code: string, characters: string])[] = [
  ['minus', 'Minus', '-_'],
  ['equal', 'Equal', '=+'],
  ['bracket_left', 'BracketLeft', '[{'],
  ['bracket_right', 'BracketRight', ']}'],
  ['semicolon', 'Semicolon', ';:'],
  ['apostrophe', 'Quote', '\'"'],
  ['grave_accent', 'Backquote', '`~'],
  ['backslash', 'Backslash', '\\|'],
  ['comma', 'Comma', ',<'],
  ['dot', 'Period', '.>'],
  ['slash', 'Slash', '/?'],
];

const KEYS = new Map<string, Key>([[' ', { qcode: 'spc', code: 'Space', shift: false }]]);
function add(qcode: string, code: string, characters: string): void {
  for (const [i, character] of [...characters].entries()) KEYS.set(character, { qcode, code, shift: i === 1 });
}
for (const letter of 'abcdefghijklmnopqrstuvwxyz') {
  add(letter, `Key${letter.toUpperCase()}`, letter + letter.toUpperCase());
}
for (const [digit, shifted] of [...')!@#$%^&*('].entries()) add(String(digit), `Digit${digit}`, `${digit}${shifted}`);
for (const [qcode, code, characters] of PUNCTUATION) add(qcode, code, characters);

export function keyFor(character: string): Key {
  const key = KEYS.get(character);
  if (key === undefined) throw new Error(`a US keyboard has no key for '${character}'`);
  return key;
}
