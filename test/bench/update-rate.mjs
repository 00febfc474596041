// How many updates a second a viewer gets and how large they are, with ZRLE, of the demo's moving scenes. Nothing is
// decoded: the figures are the server's and the guest's.
import { desktopStands, KEY, withEach } from './demo-machines.mjs';
import { rounded } from './figures.mjs';
import { pause } from './machines.mjs';
import { COPY_RECT, RAW, RfbViewer, ZRLE } from './rfb-viewer.mjs';

const MEASURE_MS = 1200;
const WARM_UP_MS = 500;

const SCENES = {
  'animation 60': [KEY.f4, KEY.f4],
  scroll: [KEY.f5],
  drag: [KEY.f6],
};

async function scenes(server) {
  const viewer = await RfbViewer.connect(server, [ZRLE, COPY_RECT, RAW]);
  try {
    await desktopStands(viewer);
    const figures = {};
    for (const [name, keys] of Object.entries(SCENES)) {
      for (const key of keys) viewer.press(key);
      await pause(WARM_UP_MS);
      const [updates, bytes, startMs] = [viewer.updates, viewer.bytes, performance.now()];
      await pause(MEASURE_MS);
      const count = viewer.updates - updates;
      figures[name] = {
        perSecond: rounded(count / ((performance.now() - startMs) / 1000)),
        kibPerUpdate: rounded((viewer.bytes - bytes) / Math.max(1, count) / 1024, 2),
      };
      viewer.press(KEY.escape);
      await pause(WARM_UP_MS / 2);
    }
    return figures;
  } finally {
    viewer.close();
  }
}

export const updateRate = () => withEach(scenes);
