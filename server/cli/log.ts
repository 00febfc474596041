import pino from 'pino';
import pretty from 'pino-pretty';
import type { Logger } from '../../src/base/log.js';
import { logTo } from './log-destination.js';

/** The program's log, on stderr: stdout belongs to the banner. */
export function createLog(level: string, format: 'pretty' | 'json'): Logger {
  if (format === 'json') return pino({ level }, logTo(2));
  const stream = pretty({
    destination: logTo(2),
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
  });
  return pino({ level }, stream);
}
