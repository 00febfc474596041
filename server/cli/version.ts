import { readFileSync } from 'node:fs';

/** The version in package.json, wherever this file was built to. */
export function version(): string {
  for (const up of ['../../package.json', '../../../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as { version: string }).version;
    } catch {
      // Not there: built and unbuilt files lie at different depths.
    }
  }
  return 'unknown';
}
