import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DEMO_IMAGE } from '../../../src/engine/emulator/demo/image.js';
import { atEnd, scratch } from '../../interop/harness/processes.js';
import { Qmp } from '../../interop/harness/qmp.js';
import { until } from '../../interop/harness/wait.js';
import { type DemoGuest, SerialLines } from './demo-guest.js';

/** What QEMU's absolute axes go up to. */
const AXIS = 0x7fff;

export interface QemuGuest extends DemoGuest {
  readonly qmp: Qmp;
  /** Whether what the guest says is taken from the pipe. */
  listen(on: boolean): void;
}

export async function bootInQemu({ vmport = true, port = true } = {}): Promise<QemuGuest> {
  const socket = join(scratch(), 'qmp');
  const serial = new SerialLines();
  const options = [
    ...[
      '-accel',
      'tcg',
      '-machine',
      `pc,vmport=${vmport ? 'on' : 'off'}`,
      '-m',
      '32',
      '-nodefaults',
      '-display',
      'none',
      '-vga',
      'std',
    ],
    ...['-kernel', DEMO_IMAGE, '-serial', port ? 'stdio' : 'none', '-qmp', `unix:${socket},server=on,wait=off`],
  ];
  const process = spawn('qemu-system-x86_64', options, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(process, 'exit');
  atEnd(() => process.kill('SIGKILL'));
  process.stdin.on('error', () => {});
  process.stdout.setEncoding('latin1').on('data', (text: string) => serial.receive(text));
  const qmp = await until('QEMU answers', () => Qmp.connect(socket).catch(() => undefined));
  const event = (events: object[]) => qmp.execute('input-send-event', { events });
  let leftBefore = false;
  let width = 1024;
  let height = 768;
  return {
    qmp,
    serial,
    listen: (on) => void (on ? process.stdout.resume() : process.stdout.pause()),
    send: (line) => process.stdin.write(`${line}\n`),
    async key(code, down) {
      await event([{ type: 'key', data: { key: { type: 'number', data: code }, down } }]);
    },
    async point(x, y, left) {
      const axis = (name: string, at: number, size: number) => ({
        type: 'abs',
        data: { axis: name, value: Math.floor((at * AXIS) / size) },
      });
      const button = { type: 'btn', data: { button: 'left', down: left } };
      await event([axis('x', x, width), axis('y', y, height), ...(left === leftBefore ? [] : [button])]);
      leftBefore = left;
    },
    async screen() {
      const picture = await qmp.screen();
      ({ width, height } = picture);
      return picture;
    },
    async inTextMode() {
      const picture = await qmp.screen();
      return picture.width === 720 && picture.height === 400;
    },
    stop: async () => {
      process.kill('SIGKILL');
      await ended;
    },
  };
}
