import type { Server } from 'node:net';
import { UserError } from '../../src/base/errors.js';
import { type ListenAddress, listen } from '../transport/listen.js';

const LOOPBACK = '127.0.0.1';
/** More than that is a mistake, and each is tried. */
const MAX_PORTS = 1024;

/**
 * The ports of a machine of its own, in the order in which they are to be tried: `3390`, `5001-5010`, both with commas
 * between them, each with an address before it (`0.0.0.0:3390`, `[::]:5001-5010`) or on loopback.
 * Throws UserError that names `option`.
 */
export function portsOf(text: string, option: string): readonly ListenAddress[] {
  const addresses: ListenAddress[] = [];
  for (const part of text.split(',')) {
    const groups = /^(?:(?<host>\[[0-9a-fA-F:.]+\]|[^:[\]\s]+):)?(?<first>\d{1,5})(?:-(?<last>\d{1,5}))?$/.exec(
      part.trim(),
    )?.groups;
    const first = Number(groups?.first);
    const last = groups?.last === undefined ? first : Number(groups.last);
    if (groups === undefined || first < 1 || last > 65535 || first > last) {
      throw new UserError(`${option}: ${text}: expected ports like 3390, 5001-5010 or ADDRESS:3390`);
    }
    if (addresses.length + last - first >= MAX_PORTS) {
      throw new UserError(`${option}: ${text}: that is more than ${MAX_PORTS} ports`);
    }
    const host = (groups.host ?? LOOPBACK).replace(/^\[|\]$/g, '');
    for (let port = first; port <= last; port++) addresses.push({ host, port });
  }
  return addresses;
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
