import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { METRICS_TYPE, type MetricsReaders, metricsRoute } from '../../../server/api/metrics-route.js';
import { metricsReaders } from '../../../server/cli/serve-options.js';
import { apiForTest } from './fixture.js';

const TOKEN = 'a-token-of-the-scraper';

/** The route on a port of its own, asked with a header or without. */
async function open(readers: Partial<MetricsReaders>, read = async () => 'vitrine_machines 1\n') {
  const { accounts, tokenOf } = await apiForTest();
  const route = metricsRoute(read, accounts, { anybody: false, token: undefined, ...readers });
  let asked = 0;
  const server = createServer(async (request, response) => {
    asked++;
    if ((await route.handle!(request, response)) !== true) response.writeHead(418).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => server.closeAllConnections());
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const ask = (headers: Record<string, string> = {}, path = '/metrics') =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close', ...headers } });
  return { ask, accounts, tokenOf, asked: () => asked };
}

const GUEST = { user: 'admin', machine: 'desk', rights: 'control' } as const;

test('administrators read the metrics, and nobody else', async () => {
  const { ask, accounts, tokenOf } = await open({});
  const answer = await ask(tokenOf({ user: 'admin' }));
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, METRICS_TYPE]);
  expect(await answer.text()).toBe('vitrine_machines 1\n');
  expect(
    (await ask({ cookie: `${accounts.logins.cookie}=${accounts.logins.open({ user: 'admin' }).token}` })).status,
  ).toBe(200);
  const nobody = await ask();
  expect([nobody.status, nobody.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  expect(await nobody.json()).toMatchObject({ type: '/problems/unauthenticated', status: 401 });
  for (const identity of [{ user: 'owner' }, GUEST]) expect((await ask(tokenOf(identity))).status).toBe(403);
  for (const wrong of ['Bearer x', 'Bearer undefined', 'Bearer', 'Basic YWRtaW46YWRtaW4=']) {
    expect((await ask({ authorization: wrong })).status).toBe(401);
  }
});

test('a scraper has a token of its own, or anybody may', async () => {
  const { ask, tokenOf } = await open({ token: TOKEN });
  expect((await ask({ authorization: `bearer  ${TOKEN}` })).status).toBe(200);
  expect((await ask({ authorization: `Bearer ${TOKEN}x` })).status).toBe(401);
  expect((await ask()).status).toBe(401);
  expect((await ask(tokenOf({ user: 'admin' }), '/metrics?x=1')).status).toBe(200);
  expect((await ask({}, '/metricsx')).status).toBe(418);
  expect((await (await open({ anybody: true })).ask()).status).toBe(200);
});

test('many who ask at once cost the machines one answer', async () => {
  const answers: ((text: string) => void)[] = [];
  const read = () => new Promise<string>((resolve) => answers.push(resolve));
  const { ask, asked } = await open({ anybody: true }, read);
  const both = [ask(), ask()].map(async (each) => (await each).text());
  await expect.poll(asked).toBe(2);
  expect(answers.length).toBe(1);
  answers[0]!('text');
  expect(await Promise.all(both)).toEqual(['text', 'text']);
  const later = ask();
  await expect.poll(() => answers.length).toBe(2);
  answers[1]!('again');
  expect(await (await later).text()).toBe('again');
});

test('the token stands in a file, and is long enough', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'token');
  const readers = (publicMetrics = false) => metricsReaders({ metricsTokenFile: file, publicMetrics });
  expect(() => readers()).toThrow('--metrics-token-file: cannot read');
  writeFileSync(file, `${TOKEN} \nmore\n`);
  expect(readers()).toEqual({ anybody: false, token: TOKEN });
  expect(() => readers(true)).toThrow('--public-metrics');
  for (const text of ['short', 'a token with blanks in it']) {
    writeFileSync(file, text);
    expect(() => readers()).toThrow('16 characters at least');
  }
  expect(metricsReaders({ metricsTokenFile: undefined, publicMetrics: true })).toEqual({
    anybody: true,
    token: undefined,
  });
});
