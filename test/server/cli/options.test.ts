import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import yargs from 'yargs';
import { banner } from '../../../server/cli/banner.js';
import { chooseEngine, defaultName } from '../../../server/cli/engine.js';
import { checkRunOptions, chosenPassword, PARSER, type RunOptions, runOptions } from '../../../server/cli/options.js';
import { clearReadyFile, writeReadyFile } from '../../../server/cli/ready-file.js';
import { serveBanner } from '../../../server/cli/serve-banner.js';
import { chooseAddresses } from '../../../server/cli/servers.js';
import { SYSTEM_STATE_DIR } from '../../../server/state-dir.js';

const folder = mkdtempSync(join(tmpdir(), 'vitrine-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function parse(...args: string[]): Promise<RunOptions> {
  const parser = runOptions(yargs(args))
    .parserConfiguration(PARSER)
    .strict()
    .exitProcess(false)
    .fail((message) => {
      throw new Error(message);
    });
  return await parser.parseAsync();
}

test.each([
  [['--demo'], 'emulator', 'demo'],
  [['--demo', '--engine', 'qemu'], 'qemu', 'demo'],
  [['--engine', 'emulator', '--floppy', 'dos.img'], 'emulator', 'dos'],
  [['--engine', 'pattern'], 'pattern', 'demo'],
  [['--cdrom', '/isos/debian-12.iso'], 'qemu', 'debian-12'],
  [['--engine', 'qemu', '--disk', 'a.qcow2', '--disk', 'b.raw'], 'qemu', 'a'],
  [['--kernel', 'K', '--initrd', 'I', '--append', 'vga=788 ---'], 'qemu', 'K'],
  [['--attach', 'rfb://:pw@10.1.2.3:5901'], 'rfb', '10.1.2.3:5901'],
  [['--demo', '--cpus', '2'], 'qemu', 'demo'],
  [['--qemu-arg', '-x'], 'qemu', 'demo'],
])('%j chooses %s', async (args, engine, name) => {
  const options = await parse(...args);
  checkRunOptions(options);
  expect(chooseEngine(options, true).kind).toBe(engine);
  expect(defaultName(options)).toBe(name);
});

test.each([
  [[], /nothing to boot/],
  [['--engine', 'rfb'], /needs --attach/],
  [['--engine', 'qemu', '--attach', 'rfb://x'], /--attach needs --engine rfb/],
  [['--attach', 'rfb://x', '--cdrom', 'y'], /nothing boots here/],
  [['--initrd', 'x', '--cdrom', 'y'], /--initrd needs --kernel/],
  [['--append', 'x', '--cdrom', 'y'], /--append needs --kernel/],
  [['--cdrom', 'a', '--cdrom', 'b'], /--cdrom is given twice/],
  [['--demo', '--tls-cert', 'x'], /belong together/],
  [['--demo', '--memory', '1.5'], /--memory is a whole number/],
  [['--demo', '--cpus', 'two'], /--cpus is a whole number/],
  [['--demo', '--cdrom', 'x'], /drop --cdrom/],
  [['--engine', 'pattern', '--demo'], /drop --demo/],
  [['--engine', 'emulator', '--qemu-arg', '-x'], /nothing to boot/],
  [['--engine', 'emulator', '--cdrom', 'x', '--cpus', '2'], /the embedded emulator has no second processor/],
  [['--demo', 'stray'], /stray|[Uu]nknown/],
  [['--engine', 'emulator', '--cdrom', 'x', '--accel', 'kvm'], /has no hardware acceleration \(kvm\)/],
  [['--bogus'], /[Uu]nknown argument/],
  [['--engine', 'vmware'], /Invalid values/],
  [['--cdrom'], /[Nn]ot enough arguments/],
])('%j is refused', async (args, message) => {
  await expect(
    (async () => {
      const options = await parse(...args);
      checkRunOptions({ ...options, _: ['run', ...options._] });
      chooseEngine(options, true);
    })(),
  ).rejects.toThrow(message);
});

test('people share the screen unless it is said otherwise', async () => {
  expect((await parse('--demo')).share).toBe('shared');
  expect((await parse('--demo', '--share', 'view-only')).share).toBe('view-only');
  await expect(parse('--demo', '--share', 'alone')).rejects.toThrow('share');
});

test('an argument for QEMU may begin with a dash, and come again', async () => {
  const options = await parse('--qemu-arg', '-device', '--qemu-arg', 'qxl', '--append', '-v', '--kernel', 'K');
  expect(options.qemuArg).toEqual(['-device', 'qxl']);
  expect(options.append).toBe('-v');
});

test('without QEMU media boot on the emulator, and the user is told why', async () => {
  const options = await parse('--cdrom', 'small.iso');
  const choice = chooseEngine(options, false);
  expect(choice.kind).toBe('emulator');
  expect(choice.reason).toMatch(/^QEMU is not installed/);
  expect(chooseEngine(await parse('--cdrom', 'x', '--engine', 'qemu'), false).kind).toBe('qemu');
});

test('an open door must be meant', async () => {
  expect(() => chooseAddresses({ rdp: '0.0.0.0:1', vnc: 'off', http: 'off', auth: 'none', insecure: false })).toThrow(
    /--insecure/,
  );
  expect(chooseAddresses({ rdp: '0.0.0.0:1', vnc: 'off', http: 'off', auth: 'none', insecure: true }).rdp).toEqual({
    host: '0.0.0.0',
    port: 1,
  });
  expect(chooseAddresses({ rdp: '0.0.0.0:1', vnc: 'off', http: 'off', auth: 'password', insecure: false }).vnc).toBe(
    null,
  );
  expect(chooseAddresses({ rdp: '1', vnc: '[::1]:2', http: 'auto', auth: 'none', insecure: false }).http?.port).toBe(0);
});

test('the password comes from the file, then the environment', () => {
  const file = join(folder, 'password');
  writeFileSync(file, 'secret \r\nsecond line\n');
  expect(chosenPassword({ passwordFile: file }, { VITRINE_PASSWORD: 'other' })).toBe('secret ');
  expect(chosenPassword({ passwordFile: undefined }, { VITRINE_PASSWORD: 'other' })).toBe('other');
  expect(chosenPassword({ passwordFile: undefined }, {})).toBeUndefined();
  expect(() => chosenPassword({ passwordFile: join(folder, 'none') }, {})).toThrow(/cannot read/);
  writeFileSync(file, '\n');
  expect(() => chosenPassword({ passwordFile: file }, {})).toThrow(/empty/);
});

test('the ready file appears whole, and an old one is removed', () => {
  const file = join(folder, 'ready.json');
  const facts = {
    name: 'n',
    engine: 'pattern',
    accel: null,
    rdp: '127.0.0.1:1',
    vnc: null,
    http: null,
    user: 'u',
    width: 1,
    height: 2,
    pid: 3,
  };
  writeReadyFile(file, facts);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(facts);
  clearReadyFile(file);
  expect(existsSync(file)).toBe(false);
  expect(() => writeReadyFile(join(folder, 'no', 'such'), facts)).toThrow(/--ready-file: cannot write/);
});

test('the banner names addresses that can be used, and shows only passwords we made', () => {
  const facts = {
    version: '1',
    machine: 'm',
    engine: 'qemu (tcg)',
    rdp: { host: '0.0.0.0', port: 3389 },
    vnc: { host: '::1', port: 5900 },
    http: { host: '127.0.0.1', port: 8080 },
    user: 'vitrine',
    password: 'Xk2pQm9z',
    ticket: 'T1ck3t',
    generated: true,
  };
  const text = banner(facts);
  expect(text).toContain('RDP      0.0.0.0:3389');
  expect(text).toContain('xfreerdp /v:127.0.0.1:3389 /u:vitrine /p:Xk2pQm9z');
  expect(text).toContain('vncviewer ::1::5900');
  expect(text).toContain('http://127.0.0.1:8080/#ticket=T1ck3t ');
  expect(banner({ ...facts, generated: false })).not.toContain('Xk2pQm9z');
  expect(banner({ ...facts, password: undefined })).toContain('none is asked');
  expect(banner({ ...facts, password: undefined })).not.toContain('T1ck3t');
  expect(banner({ ...facts, rdp: null, vnc: null })).not.toContain('mstsc');
});

test('the service’s banner has commands that work as they stand, when they are of use', () => {
  const facts = { version: '1', rdp: 'h:1', vnc: null, http: 'h:2', machines: 1, password: 'Xk2pQm9z' };
  const first = serveBanner({ ...facts, stateDir: '/srv/vms' });
  expect(first).toMatch(/vitrine clone demo desk-1 --linked --state-dir \/srv\/vms\n/);
  expect(first).toContain('Xk2pQm9z (shown this once; ');
  expect(serveBanner({ ...facts, stateDir: SYSTEM_STATE_DIR })).toMatch(/vitrine start desk-1\n/);
  // Whoever starts it again has machines of their own.
  expect(serveBanner({ ...facts, stateDir: '/srv/vms', password: undefined })).not.toContain('desk-1');
});
