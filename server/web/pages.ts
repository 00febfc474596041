import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sirv from 'sirv';
import type { WebRoutes } from './port.js';

const HEADERS = {
  'cache-control': 'no-cache',
  'content-security-policy':
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'self'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** The pages' files, and noVNC's from its package. `front` is what `/` shows. */
export function pages(front: string): WebRoutes {
  const files = (folder: string): ReturnType<typeof sirv> => sirv(folder, { etag: true, dotfiles: false });
  const page = files(join(dirname(fileURLToPath(import.meta.url)), 'page'));
  const novnc = join(dirname(fileURLToPath(import.meta.resolve('@novnc/novnc'))), '..');
  const folders = new Map([
    ['/novnc/core', files(join(novnc, 'core'))],
    ['/novnc/vendor', files(join(novnc, 'vendor'))],
  ]);
  return {
    handle(request, response) {
      for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
      const notFound = (): void => void response.writeHead(404).end();
      const path = request.url ?? '/';
      const folder = [...folders].find(([prefix]) => path.startsWith(`${prefix}/`));
      if (folder !== undefined) {
        request.url = path.slice(folder[0].length);
        folder[1](request, response, notFound);
      } else {
        if (path === '/' || path.startsWith('/?')) request.url = `/${front}`;
        page(request, response, notFound);
      }
      return true;
    },
  };
}
