import pino from 'pino';
import pretty from 'pino-pretty';
import type { Logger } from '../../src/base/log.js';

/** The program's log, on stderr: stdout belongs to the banner. */
export function createLog(level: string, format: 'pretty' | 'json'): Logger {
  if (format === 'json') return pino({ level }, pino.destination({ dest: 2, sync: true }));
  const stream = pretty({
    destination: 2,
    sync: true,
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
  });
  return pino({ level }, stream);
}
