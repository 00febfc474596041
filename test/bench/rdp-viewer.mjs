// An RDP viewer by node-rdpjs-2 that decodes nothing, so that what is measured is the server.
import { createRequire } from 'node:module';
import { PASSWORD } from './machines.mjs';

const DEADLINE_MS = 20_000;
// Its logger reads this when it is loaded; it warns whenever a connection is closed.
process.env.log_level = 'fatal';
const rdp = createRequire(import.meta.url)('node-rdpjs-2');

export const RdpViewer = {
  /** Resolves when the first whole picture is there. */
  connect({ host, port, user, width, height }) {
    return new Promise((resolve, reject) => {
      let missing = width * height;
      const login = { domain: '', userName: user, password: PASSWORD, autoLogin: true, enablePerf: true };
      const client = rdp.createClient({ ...login, decompress: false, screen: { width, height }, logLevel: 'ERROR' });
      const timer = setTimeout(() => reject(new Error(`${missing} pixels never came over RDP`)), DEADLINE_MS);
      client.on('error', reject);
      client.on('bitmap', ({ destLeft, destRight, destTop, destBottom }) => {
        if (missing <= 0) return;
        missing -= (destRight - destLeft + 1) * (destBottom - destTop + 1);
        if (missing > 0) return;
        clearTimeout(timer);
        resolve(client);
      });
      client.connect(host, port);
    });
  },
};
