import { connect, type Socket } from 'node:net';
import { messageOf, Problem } from '../../src/base/errors.js';
import { type Hello, MAX_HELLO_BYTES } from '../session/handover.js';
import { formatLine, JsonLines } from './json-lines.js';
import { IPC_LIMITS } from './limits.js';

/** Connects to a machine's private socket and says what for. Rejects with Problem 'unavailable'. */
export function openMachine(path: string, hello: Hello): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, allowHalfOpen: true });
    const failed = (error: Error): void => reject(new Problem('unavailable', whyNot(error)));
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      // A broken connection is a 'close' to whoever holds it, not an uncaught error.
      socket.on('error', () => {});
      socket.write(formatLine(hello));
      resolve(socket);
    });
  });
}

/**
 * Reads the first line of a connection; what came behind it is put back, and the socket stands still. Rejects when it
 * makes no sense or takes too long; the socket is then destroyed.
 */
export function readHello(socket: Socket, limitMs: number = IPC_LIMITS.helloMs): Promise<Hello> {
  const lines = new JsonLines(MAX_HELLO_BYTES);
  return new Promise((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer);
      socket.pause();
      socket.off('data', receive);
      socket.off('end', ended);
      socket.off('close', ended);
    };
    const fail = (reason: string): void => {
      done();
      socket.destroy();
      reject(new Error(reason));
    };
    const ended = (): void => fail('closed before it said what for');
    const receive = (bytes: Buffer): void => {
      try {
        const line = lines.first(bytes);
        if (line === undefined) return;
        const hello = checkHello(line.value);
        done();
        if (line.rest.length > 0) socket.unshift(line.rest);
        resolve(hello);
      } catch (error) {
        fail(messageOf(error));
      }
    };
    const timer = setTimeout(() => fail('said nothing in time'), limitMs);
    socket.on('data', receive);
    socket.on('end', ended);
    socket.on('close', ended);
    socket.resume();
  });
}

/** As much as decides who gets the connection; a protocol looks at its own handover itself. */
function checkHello(value: unknown): Hello {
  const hello = record(value, 'a hello');
  if (hello.kind === 'control') return { kind: 'control' };
  if (hello.kind !== 'rdp' && hello.kind !== 'rfb') throw new Error('a connection for nothing that is known here');
  const visitor = record(hello.visitor, 'a visitor');
  const texts = ['session', 'user', 'remote', 'via'].every((field) => typeof visitor[field] === 'string');
  const rights = visitor.rights === 'view' || visitor.rights === 'control';
  if (!texts || !rights || typeof visitor.returns !== 'boolean') throw new Error('a visitor that is not described');
  return hello as unknown as Hello;
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error(`${what} that is no object`);
}

function whyNot(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
      return 'the machine is not running';
    case 'ECONNREFUSED':
      return "the machine's process is gone";
    default:
      return `the machine cannot be reached: ${messageOf(error)}`;
  }
}
