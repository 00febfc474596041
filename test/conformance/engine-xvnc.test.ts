import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { describe } from 'vitest';
import { silentLog } from '../../src/base/log.js';
import { RfbEngine } from '../../src/engine/rfb/engine.js';
import { engineSuite } from './engine-suite.js';

const TOOLS = ['Xvnc', 'xlogo', 'xeyes', 'xdotool'];
const missing = TOOLS.filter((tool) => spawnSync('which', [tool]).status !== 0);

/** A server of somebody else's: TigerVNC's, with two X clients, one of which follows the pointer. */
async function startXvnc() {
  const options = ['-SecurityTypes', 'None', '-interface', '127.0.0.1', '-geometry', '1024x768', '-depth', '24'];
  // Without a display number it takes a free one, and its port goes by that.
  const server = spawn('Xvnc', ['-displayfd', '3', ...options], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const [number] = (await once(server.stdio[3] as Readable, 'data')) as [Buffer];
  const display = `:${number.toString().trim()}`;
  const env = { ...process.env, DISPLAY: display };
  const clients = [
    spawn('xlogo', ['-geometry', '100x100+20+20'], { env, stdio: 'ignore' }),
    spawn('xeyes', ['-geometry', '150x100+200+200'], { env, stdio: 'ignore' }),
  ];
  const xdotool = async (...args: string[]): Promise<string> => {
    const child = spawn('xdotool', args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
    let out = '';
    child.stdout.on('data', (bytes: Buffer) => {
      out += bytes.toString();
    });
    await once(child, 'close');
    return out.trim();
  };
  const [logo] = (await xdotool('search', '--sync', '--onlyvisible', '--class', 'XLogo')).split('\n');
  await xdotool('search', '--sync', '--onlyvisible', '--class', 'XEyes');
  let moves = 0;
  return {
    port: 5900 + Number(display.slice(1)),
    /** Moves the logo to another place. */
    stir: async () => {
      moves++;
      await xdotool('windowmove', logo!, String(20 + ((moves * 37) % 300)), String(400 + ((moves * 53) % 150)));
    },
    close: async () => {
      for (const child of [...clients, server]) await ended(child);
    },
    killServer: () => ended(server),
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

describe.skipIf(missing.length > 0)('TigerVNC', () => {
  engineSuite('rfb, attached to Xvnc', async () => {
    const { port, stir, close, killServer } = await startXvnc();
    return {
      engine: new RfbEngine(`rfb://127.0.0.1:${port}`, { log: silentLog }),
      stir,
      pointerAt: [
        [10, 10],
        [900, 700],
        [275, 250],
      ],
      loss: { state: 'starting', cause: killServer },
      close,
    };
  });
});
