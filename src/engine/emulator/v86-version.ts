import { createRequire } from 'node:module';

/** Of the installed package. A state that one version saved means nothing to another. */
export function v86Version(): string {
  return (createRequire(import.meta.url)('v86/package.json') as { readonly version: string }).version;
}
