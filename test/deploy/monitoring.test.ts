import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { metrics } from '../../server/service/metrics.js';
import type { Service } from '../../server/service/service.js';

const read = (name: string) => readFileSync(new URL(`../../deploy/monitoring/${name}`, import.meta.url), 'utf8');

/** What /metrics tells of, with nothing running. */
async function exposed(): Promise<Set<string>> {
  const service = { machines: [], promisedMiB: 0, memory: { allowedMiB: 1 } } as unknown as Service;
  const text = await metrics({ service, failedLogins: () => 0, inLobby: () => 0 });
  return new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!));
}

const namesIn = (text: string) => new Set([...text.matchAll(/\bvitrine_[a-z_]+/g)].map(([name]) => name));

interface Board {
  readonly panels: readonly {
    readonly id: number;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly targets: readonly { readonly expr: string }[];
  }[];
}
const board = JSON.parse(read('grafana.json')) as Board;

test('the board asks for metrics that there are, and for all of them', async () => {
  expect(namesIn(read('grafana.json'))).toEqual(await exposed());
});

test('the board’s counters are looked at as rates', async () => {
  for (const { expr } of board.panels.flatMap(({ targets }) => targets)) {
    for (const [, before] of expr.matchAll(/(\w+\()?vitrine_[a-z_]+_total/g)) expect(before).toMatch(/rate|increase/);
  }
});

test('the board’s panels do not overlap', () => {
  const cells = board.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length);
});

test('alerts are on metrics that there are', async () => {
  const rules = parse(read('vitrine.rules.yml')) as { groups: { rules: { expr: string }[] }[] };
  const asked = rules.groups.flatMap((group) => group.rules.flatMap(({ expr }) => [...namesIn(expr)]));
  expect(asked.length).toBeGreaterThan(0);
  const all = await exposed();
  expect(asked.filter((name) => !all.has(name))).toEqual([]);
});

test('Prometheus is told where the token is that the service asks for', () => {
  const { scrape_configs: jobs } = parse(read('prometheus.yml')) as {
    scrape_configs: { job_name: string; authorization: { credentials_file: string } }[];
  };
  const [{ job_name: name, authorization }] = jobs as [(typeof jobs)[0]];
  expect(name).toBe('vitrine');
  const page = readFileSync(new URL('../../docs/operate.md', import.meta.url), 'utf8');
  expect(page).toContain(`--metrics-token-file ${authorization.credentials_file}`);
});
