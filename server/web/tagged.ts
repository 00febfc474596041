import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Answers with a body and a tag by its content: a browser that has it already is told so. The other headers are set. */
export function sendTagged(request: IncomingMessage, response: ServerResponse, body: Uint8Array): void {
  const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  response.setHeader('etag', tag);
  const known = request.headers['if-none-match']?.split(',').map((each) => each.trim().replace(/^W\//, ''));
  if (known?.includes(tag)) {
    response.removeHeader('content-type');
    response.writeHead(304).end();
  } else {
    response.setHeader('content-length', body.length);
    response.end(body);
  }
}
