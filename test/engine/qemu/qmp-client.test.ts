import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { QmpClient, type QmpEvent, QmpRefusal } from '../../../src/engine/qemu/qmp-client.js';

const GREETING = '{"QMP": {"version": {"qemu": {"micro": 0, "minor": 1, "major": 9}}, "capabilities": []}}\r\n';

/** A client, and the other end of its socket with what came in there, line by line. */
async function pair() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as { port: number }).port, '127.0.0.1');
  const [qemu] = (await once(server, 'connection')) as [Socket];
  server.close();
  const client = new QmpClient(socket);
  onTestFinished(() => {
    client.close();
    qemu.destroy();
  });
  let text = '';
  qemu.setEncoding('latin1').on('data', (more: string) => (text += more));
  const command = async (): Promise<{ execute: string; id: number }> => {
    while (!text.includes('\n')) await once(qemu, 'data');
    const end = text.indexOf('\n');
    const line = text.slice(0, end);
    text = text.slice(end + 1);
    return JSON.parse(line);
  };
  return { client, qemu, command };
}

async function greeted() {
  const all = await pair();
  all.qemu.write(GREETING);
  const { execute, id } = await all.command();
  expect(execute).toBe('qmp_capabilities');
  all.qemu.write(`{"return": {}, "id": ${id}}\n`);
  expect(await all.client.ready).toBe('9.1.0');
  return all;
}

test('a QEMU that hangs is not told more and more', async () => {
  const { client, qemu, command } = await greeted();
  const asked = Array.from({ length: 300 }, () => client.execute('input-send-event'));
  const refused = asked.slice(256);
  for (const one of refused) await expect(one).rejects.toThrow('qemu does not answer');
  const { id } = await command();
  qemu.write(`{"return": {}, "id": ${id}}\n`);
  await asked[0];
  const again = client.execute('query-status');
  const others = Promise.allSettled([...asked, again]);
  client.close();
  await others;
  await expect(again).rejects.toThrow('closed');
});

test('commands given before the greeting wait for it', async () => {
  const { client, qemu, command } = await pair();
  const answer = client.execute('cont');
  qemu.write(GREETING);
  expect((await command()).execute).toBe('qmp_capabilities');
  qemu.write('{"return": {}, "id": 2}\n');
  const { execute, id } = await command();
  expect(execute).toBe('cont');
  qemu.write(`{"return": {"done": true}, "id": ${id}}\n`);
  expect(await answer).toEqual({ done: true });
});

test('answers find their commands in any order, with events in between', async () => {
  const { client, qemu, command } = await greeted();
  const events: QmpEvent[] = [];
  client.onEvent.on((event) => events.push(event));
  const [first, second] = [client.execute('a'), client.execute('b')];
  const refused = expect(first).rejects.toThrow(new QmpRefusal('a', 'GenericError', 'not now'));
  const [a, b] = [await command(), await command()];
  qemu.write(`{"return": 2, "id": ${b.id}}\n{"event": "STOP"}\n`);
  qemu.write(`{"error": {"class": "GenericError", "desc": "not now"}, "id": ${a.id}}\n{"return": 0, "id": 99}\n`);
  expect(await second).toBe(2);
  await refused;
  expect(events).toEqual([{ kind: 'event', name: 'STOP', data: {} }]);
});

test('the end of the connection rejects what waits, and all that comes later', async () => {
  const { client, qemu, command } = await greeted();
  const reasons: string[] = [];
  client.onClose.on((reason) => reasons.push(reason));
  const waiting = expect(client.execute('stop')).rejects.toThrow('qemu closed its monitor');
  await command();
  qemu.destroy();
  await waiting;
  await expect(client.execute('cont')).rejects.toThrow('qemu closed its monitor');
  client.close();
  expect(reasons).toEqual(['qemu closed its monitor']);
});

test('nonsense ends the connection, not the process', async () => {
  const { client, qemu } = await pair();
  const refused = expect(client.ready).rejects.toThrow("qemu's monitor made no sense: QMP: no greeting");
  qemu.write('{"event": "STOP"}\n');
  await refused;
});
