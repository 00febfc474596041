import type { Server } from 'node:net';
import { UserError } from '../../src/base/errors.js';
import { parsePortRange } from '../../src/catalog/ports.js';
import { type ListenAddress, listen } from '../transport/listen.js';

const LOOPBACK = '127.0.0.1';

/**
 * A machine's own ports as its definition has them, in the order in which they are to be tried; on loopback where it
 * names no address. Throws UserError that names `option`.
 */
export function portsOf(text: string, option: string): readonly ListenAddress[] {
  const range = parsePortRange(text);
  if (range === undefined)
    throw new UserError(`${option}: ${text}: expected ports like 3390, 5001-5010 or ADDRESS:3390`);
  return range.ports.map((port) => ({ host: range.address ?? LOOPBACK, port }));
}

/**
 * Listens on the first of `addresses` that is free. A server that could not listen is of no use any more, so each try
 * makes one. Rejects with the last failure.
 */
export async function listenOnFirst(
  addresses: readonly ListenAddress[],
  makeServer: () => Server,
  option: string,
): Promise<{ readonly server: Server; readonly address: ListenAddress }> {
  let failure: unknown = new UserError(`${option}: no port`);
  for (const address of addresses) {
    const server = makeServer();
    try {
      return { server, address: await listen(server, address, option) };
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}
