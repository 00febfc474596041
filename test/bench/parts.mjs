/** What `npm run bench` measures, in this order. `linux`: reads /proc; `onRequest`: takes long, runs when it is named. */
export const PARTS = {
  start: {
    title: 'from the command to the first picture, ms',
    run: async () => (await import('./start.mjs')).start(),
  },
  'first-paint': {
    title: 'first picture of a viewer, ms',
    run: async () => (await import('./first-paint.mjs')).firstPaint(),
  },
  'key-to-pixel': { title: 'key to pixel, ms', run: async () => (await import('./key-to-pixel.mjs')).keyToPixel() },
  'update-rate': { title: 'updates, ZRLE', run: async () => (await import('./update-rate.mjs')).updateRate() },
  viewers: {
    title: 'what a viewer of a dragged window costs',
    run: async () => (await import('./viewers.mjs')).viewers(),
    linux: true,
  },
  broker: {
    title: 'bytes through the broker, and without it',
    run: async () => (await import('./broker.mjs')).brokerOverhead(),
  },
  host: { title: 'a host of machines', run: async () => (await import('./host.mjs')).host(), linux: true },
  misbehaving: {
    title: 'beside a guest that misbehaves, worst',
    run: async () => (await import('./misbehaving.mjs')).misbehaving(),
  },
  'at-rest': {
    title: 'the demo at rest, no viewer',
    run: async () => (await import('./at-rest.mjs')).atRest(),
    linux: true,
  },
  cycles: {
    title: 'machines started and stopped',
    run: async () => (await import('./cycles.mjs')).cycles(),
    linux: true,
  },
  'service-cycles': {
    title: 'machine processes started and stopped by a service',
    run: async () => (await import('./cycles.mjs')).serviceCycles(),
    linux: true,
    onRequest: true,
  },
};
