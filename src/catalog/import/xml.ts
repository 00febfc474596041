import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { Problem } from '../../base/errors.js';
import { oneLine } from '../finding.js';

/** VirtualBox's largest, with a hundred snapshots, are below a megabyte. */
export const MAX_XML_BYTES = 8 << 20;

type Raw = Readonly<Record<string, unknown>>;

/** An element. What nobody has asked for can be listed afterwards: an import must not lose a thing without a word. */
export class Xml {
  readonly name: string;
  readonly #attributes: Readonly<Record<string, string>>;
  readonly #children: readonly Xml[];
  readonly #text: string;
  #isSeen = false;

  constructor(name: string, attributes: Readonly<Record<string, string>>, children: readonly Xml[], text: string) {
    this.name = name;
    this.#attributes = attributes;
    this.#children = children;
    this.#text = text;
  }

  /** Without the blanks around it. */
  get text(): string {
    return this.#text.trim();
  }

  attribute(name: string): string | undefined {
    return Object.hasOwn(this.#attributes, name) ? this.#attributes[name] : undefined;
  }

  /** The attribute as a number; undefined where it is none. */
  number(name: string): number | undefined {
    const text = this.attribute(name);
    return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  }

  is(name: string, value: string): boolean {
    return this.attribute(name)?.toLowerCase() === value.toLowerCase();
  }

  /** The first element at the end of a path of names. */
  child(...path: readonly string[]): Xml | undefined {
    return this.children(...path)[0];
  }

  children(...path: readonly string[]): Xml[] {
    const [name, ...rest] = path;
    const found = this.#children.filter((child) => child.name === name);
    for (const child of found) child.#isSeen = true;
    return rest.length === 0 ? found : found.flatMap((child) => child.children(...rest));
  }

  /** Nobody needs to hear of the elements with these names, or of any in this one. */
  skip(...names: readonly string[]): void {
    for (const child of this.#children) {
      if (names.length > 0 && !names.includes(child.name)) continue;
      child.#isSeen = true;
      child.skip();
    }
  }

  /** Elements below this one that nobody has asked for, outermost only. */
  unseen(): Xml[] {
    return this.#children.flatMap((child) => (child.#isSeen ? child.unseen() : [child]));
  }
}

/** @param what the file is, for the message: `the OVF file`. Throws Problem 'bad-request'. */
export function parseXml(text: string, what: string, rootName: string): Xml {
  const wrong = (why: string) => new Problem('bad-request', `${what} ${why}`);
  if (text.length > MAX_XML_BYTES) throw wrong(`is larger than ${MAX_XML_BYTES >> 20} MiB`);
  // None of the formats has one, and entities that are declared in it are how XML reads files and fills memories.
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) throw wrong('has a document type, which none of its kind has');
  const valid = XMLValidator.validate(text);
  if (valid !== true)
    throw wrong(`is not well-formed: line ${valid.err.line}: ${oneLine(valid.err.msg, 120).replace(/\.$/, '')}`);
  let raw: Raw[];
  try {
    raw = new XMLParser({
      preserveOrder: true,
      ignoreAttributes: false,
      attributeNamePrefix: '',
      removeNSPrefix: true,
      parseTagValue: false,
      parseAttributeValue: false,
      processEntities: false,
      trimValues: false,
      ignoreDeclaration: true,
      ignorePiTags: true,
      maxNestedTags: 100,
    }).parse(text) as Raw[];
  } catch (error) {
    throw wrong(`cannot be read: ${oneLine((error as Error).message, 120)}`);
  }
  const root = build('', raw, {}).child(rootName);
  if (root === undefined) throw wrong(`has no element ${rootName}: it is something else`);
  return root;
}

function build(name: string, items: readonly Raw[], attributes: Readonly<Record<string, string>>): Xml {
  const children: Xml[] = [];
  let text = '';
  for (const item of items) {
    for (const [key, value] of Object.entries(item)) {
      if (key === ':@') continue;
      if (key === '#text') text += decode(String(value));
      else children.push(build(key, value as Raw[], decoded((item[':@'] ?? {}) as Record<string, string>)));
    }
  }
  return new Xml(name, attributes, children, text);
}

function decoded(attributes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, decode(String(value))]));
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** What every XML file may have: the five names and numbers. Others stay as they are. */
function decode(text: string): string {
  return text.replace(/&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9A-Fa-f]{1,6}));/g, (whole, name, decimal, hex) => {
    if (name !== undefined) return ENTITIES[name]!;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
