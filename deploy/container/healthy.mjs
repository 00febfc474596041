#!/usr/bin/env node
// For HEALTHCHECK: 0 if the service answers. There is no curl in the image.
const port = process.env.VITRINE_HTTP_PORT ?? '8080';
const response = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
process.exit(response?.ok ? 0 : 1);
