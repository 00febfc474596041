import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { MACHINE_CONFIG_SCHEMA } from '../../src/catalog/schema.js';
import { parseConfig } from '../../src/catalog/yaml.js';

const PAGE = fileURLToPath(new URL('../../docs/machine-yaml.md', import.meta.url));

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly description?: string;
  readonly 'x-must'?: string;
}

/** What may stand there, short. */
function values(schema: Schema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.type === 'boolean') return '`true`, `false`';
  if (schema.type === 'integer') return `${schema.minimum} to ${schema.maximum}`;
  if (schema.properties !== undefined) return 'fields, see below';
  if (schema.type === 'object') return (schema['x-must'] ?? '').replace(/^map /, '');
  if (schema.type === 'array') {
    const { items = {} } = schema;
    if (items.properties !== undefined) return 'list, see below';
    const each = values(items);
    return `list: ${each === 'text' ? items.description : each}`;
  }
  // A form that has an example in its rule; all other text is free.
  const rule = (schema['x-must'] ?? '').replace(/^be /, '');
  return /line of|text of/.test(rule) ? 'text' : rule;
}

const cell = (text: string) => text.replaceAll('|', '\\|');

/** The fields of an object as a table, and after it those of the objects in it. */
function tables(title: string, { properties = {}, required = [] }: Schema): string {
  const rows = Object.entries(properties).map(
    ([name, field]) =>
      `| \`${name}\`${required.includes(name) ? ' (needed)' : ''} | ${cell(values(field))} | ${cell(field.description ?? '')} |`,
  );
  const inner = Object.entries(properties).flatMap(([name, field]) => {
    const object = field.items?.properties === undefined ? field : field.items;
    return object.properties === undefined ? [] : [tables(`\`${name}\``, object)];
  });
  return [`## ${title}\n\n| field | values | what it is |\n|---|---|---|\n${rows.join('\n')}\n`, ...inner].join('\n');
}

const [intro = ''] = readFileSync(PAGE, 'utf8').split('\n## All fields');

test('docs/machine-yaml.md has the fields that there are (vitest -u writes it anew)', async () => {
  const page = `${intro}\n${tables('All fields', MACHINE_CONFIG_SCHEMA as Schema)}`;
  await expect(page).toMatchFileSnapshot(PAGE);
});

test('its examples are definitions', () => {
  const examples = [...intro.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, yaml]) => yaml!);
  expect(examples.length).toBeGreaterThan(0);
  for (const yaml of examples) expect(parseConfig(yaml).problems ?? [], yaml).toEqual([]);
});
