import type { AddressInfo, Server } from 'node:net';
import { messageOf, UserError } from '../../src/base/errors.js';

/** Where to listen; port 0 means any free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const LOOPBACK = '127.0.0.1';

/**
 * Parses `[ADDR:]PORT`, `[ADDR:]auto` or `off` (null). An IPv6 address stands in brackets.
 * Throws UserError (usage) that names `option`.
 */
export function parseListenAddress(text: string, option: string): ListenAddress | null {
  if (text === 'off') return null;
  const parts = /^(?:(?<host>\[[0-9a-fA-F:.]+\]|[^:[\]\s]+):)?(?<port>auto|\d{1,5})$/.exec(text)?.groups;
  const port = parts?.port === 'auto' ? 0 : Number(parts?.port);
  if (parts === undefined || !(port >= 0 && port <= 65535) || (port === 0 && parts.port !== 'auto')) {
    throw new UserError(`--${option} ${text}: expected [ADDRESS:]PORT, [ADDRESS:]auto or off`, 2);
  }
  return { host: (parts.host ?? LOOPBACK).replace(/^\[|\]$/g, ''), port };
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host) || host === '::ffff:127.0.0.1';
}

/** Starts `server`; resolves to what it listens on. Rejects with a UserError that says what to do. */
export function listen(server: Server, address: ListenAddress, option: string): Promise<ListenAddress> {
  return new Promise((resolve, reject) => {
    // Also of what fails later, which costs one connection: there was no descriptor left for it.
    server.on('error', (error: NodeJS.ErrnoException) => reject(explain(error, address, option)));
    server.listen({ host: address.host, port: address.port }, () => {
      const bound = server.address() as AddressInfo;
      resolve({ host: address.host, port: bound.port });
    });
  });
}

/** `ADDR:PORT`, with brackets where the address needs them. */
export function formatAddress({ host, port }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function explain(error: NodeJS.ErrnoException, address: ListenAddress, option: string): UserError {
  const where = `--${option}: cannot listen on ${formatAddress(address)}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return new UserError(`${where}: the port is in use; choose another one, or --${option} auto`);
    case 'EACCES':
      return new UserError(`${where}: not permitted; ports below 1024 need privileges`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new UserError(`${where}: this host has no such address`);
    default:
      return new UserError(`${where}: ${messageOf(error)}`);
  }
}
