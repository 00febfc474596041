import { readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addressOf } from './address.js';
import type { WebRoutes } from './port.js';
import { sendTagged } from './tagged.js';

const HEADERS = {
  'cache-control': 'no-cache',
  'content-security-policy':
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; connect-src 'self' ws: wss:; form-action 'none'; frame-ancestors 'self'; base-uri 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * The pages' files, and noVNC's from its package. `front` is what `/` shows. All are read now, 900 KB of them: an
 * upgrade of the package does not change half of a page under somebody, and a host out of descriptors still shows it.
 */
export function pages(front: string): WebRoutes {
  const novnc = join(dirname(fileURLToPath(import.meta.resolve('@novnc/novnc'))), '..');
  const files = new Map([
    ...filesIn(join(dirname(fileURLToPath(import.meta.url)), 'page'), '/'),
    ...filesIn(join(novnc, 'core'), '/novnc/core/'),
    ...filesIn(join(novnc, 'vendor'), '/novnc/vendor/'),
  ]);
  return {
    handle(request, response) {
      for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
      const { path } = addressOf(request);
      const wanted = path === '/' ? `/${front}` : path;
      const body = files.get(wanted);
      if (body === undefined) response.writeHead(404).end();
      else if (request.method !== 'GET' && request.method !== 'HEAD') {
        response.writeHead(405, { allow: 'GET, HEAD' }).end();
      } else {
        response.setHeader('content-type', TYPES[extname(wanted)]!);
        sendTagged(request, response, body);
      }
      return true;
    },
  };
}

/** By their addresses. What is of no type that a page has, a licence, stays where it is. */
function filesIn(folder: string, prefix: string): [string, Buffer][] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => extname(name) in TYPES)
    .map((name) => [prefix + name.replaceAll('\\', '/'), readFileSync(join(folder, name))]);
}
