/** Structured log, as pino has it. Levels by how often a line comes: never one per frame. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** A logger whose lines all carry `fields` (machine, session). */
  child(fields: object): Logger;
}

/** Drops everything: for tests and for callers without a log. */
export const silentLog: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLog,
};
