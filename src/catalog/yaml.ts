import { isDeepStrictEqual } from 'node:util';
import { type Document, isMap, isNode, isPair, LineCounter, type Node, parseDocument, stringify, visit } from 'yaml';
import { messageOf } from '../base/errors.js';
import { checkConfig } from './check.js';
import type { MachineConfig } from './config.js';
import { type FieldPath, fieldName, oneLine } from './finding.js';
import { type JsonSchema, MACHINE_CONFIG_SCHEMA } from './schema.js';

export interface ConfigProblem {
  /** From 1. */
  readonly line: number;
  /** `disks[0].size`; empty for the whole. */
  readonly field: string;
  /** In lower case without a full stop. */
  readonly message: string;
}

export type ParsedConfig =
  | { readonly config: MachineConfig; readonly problems?: undefined }
  | { readonly config?: undefined; readonly problems: readonly ConfigProblem[] };

/** A definition is one or two pages; a megabyte of YAML takes a second to be parsed. */
export const MAX_YAML_BYTES = 256 << 10;
/** Aliases are good for a list of forwards that two cards share, not for more. */
const MAX_ALIASES = 100;

/** Parses `machine.yaml`. Never throws. @param check what it has to be; whoever knows that it is may leave that out */
export function parseConfig(text: string, check = checkConfig): ParsedConfig {
  if (text.length > MAX_YAML_BYTES) return wrong(1, `longer than ${MAX_YAML_BYTES >> 10} KiB: this is no definition`);
  const lines = new LineCounter();
  try {
    // The library compares each key of a map with each other one: some thousands take it seconds.
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      stringKeys: true,
      uniqueKeys: false,
    });
    const mistake = document.errors[0] ?? document.warnings[0];
    if (mistake !== undefined) return wrong(lines.linePos(mistake.pos[0]).line, plain(mistake.message));
    const twice = repeatedKey(document);
    if (twice !== undefined) return wrong(lines.linePos(twice.range?.[0] ?? 0).line, 'map keys must be unique');
    if (document.contents === null) return wrong(1, 'empty');
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    const findings = check(value);
    if (findings.length === 0) return { config: value as MachineConfig };
    const problems = findings.map(({ path, message }) => ({
      line: lineOf(document, path, lines),
      field: fieldName(path),
      message,
    }));
    return { problems: problems.sort((a, b) => a.line - b.line) };
  } catch (error) {
    // Too many aliases, or nested beyond the stack.
    return wrong(1, plain(messageOf(error)));
  }
}

/** `machine.yaml line 4: memory: must be a whole number of MiB, 4 or more` */
export function problemLine(file: string, { line, field, message }: ConfigProblem): string {
  return `${file} line ${line}: ${field === '' ? '' : `${field}: `}${message}`;
}

/** Readable YAML, fields in the schema's order; reading it gives `config` again. */
export function formatConfig(config: MachineConfig): string {
  return stringify(ordered(config, MACHINE_CONFIG_SCHEMA), { lineWidth: 120, aliasDuplicateObjects: false });
}

/**
 * `text` with everything that `config` says differently; what stays the same keeps its comments and its place.
 * Where `text` cannot be read, it is written anew.
 */
export function updateConfig(text: string, config: MachineConfig): string {
  const before = parseConfig(text).config as Readonly<Record<string, unknown>> | undefined;
  if (before === undefined) return formatConfig(config);
  const document = parseDocument(text, { stringKeys: true, uniqueKeys: false });
  const after = ordered(config, MACHINE_CONFIG_SCHEMA) as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) document.delete(key);
  for (const [key, value] of Object.entries(after)) {
    if (!isDeepStrictEqual(before[key], value))
      document.set(key, document.createNode(value, { aliasDuplicateObjects: false }));
  }
  const updated = document.toString({ lineWidth: 120 });
  // An alias may have lost its anchor.
  return isDeepStrictEqual(parseConfig(updated).config, after) ? updated : formatConfig(config);
}

function ordered(value: unknown, schema: JsonSchema): unknown {
  if (Array.isArray(value)) return value.map((item) => ordered(item, (schema.items ?? {}) as JsonSchema));
  if (typeof value !== 'object' || value === null) return value;
  const properties = (schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  const known = Object.keys(properties);
  // What the schema does not name (users in `access`) keeps its order, after what it does.
  const rank = (key: string): number => (known.includes(key) ? known.indexOf(key) : known.length);
  entries.sort(([a], [b]) => rank(a) - rank(b));
  return Object.fromEntries(entries.map(([key, item]) => [key, ordered(item, properties[key] ?? {})]));
}

function repeatedKey(document: Document): Node | undefined {
  let found: Node | undefined;
  visit(document, {
    Map(_, { items }) {
      const keys = new Set<string>();
      for (const { key } of items) {
        if (keys.has(keyOf(key)) && isNode(key)) found ??= key;
        keys.add(keyOf(key));
      }
      return found === undefined ? undefined : visit.BREAK;
    },
  });
  return found;
}

/** The line of the innermost part of `path` that is there: a field that is missing has none. */
function lineOf(document: Document, path: FieldPath, lines: LineCounter): number {
  let offset = isNode(document.contents) ? (document.contents.range?.[0] ?? 0) : 0;
  for (let length = 1; length <= path.length; length++) {
    const parent = document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    const pair = isMap(parent)
      ? parent.items.find((item) => isPair(item) && keyOf(item.key) === String(key))
      : undefined;
    const node = pair?.key ?? document.getIn(path.slice(0, length), true);
    if (!isNode(node) || node.range == null) break;
    offset = node.range[0];
  }
  return lines.linePos(offset).line;
}

function keyOf(key: unknown): string {
  return String(isNode(key) && 'value' in key ? key.value : key);
}

function wrong(line: number, message: string): ParsedConfig {
  return { problems: [{ line, field: '', message }] };
}

/** A library's sentence, as ours are: its first line, beginning small, without a full stop. */
function plain(message: string): string {
  const line = oneLine(message.slice(0, message.search(/\n|$/)), 200).replace(/[.:]$/, '');
  return line.charAt(0).toLowerCase() + line.slice(1);
}
