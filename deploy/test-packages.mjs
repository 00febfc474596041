// Installs the clients and guests that the interop tests run, where that is possible without a question: on Debian
// and its relatives, as root. Elsewhere it only says what is missing, and those tests are skipped by name.
// No dependencies. Never fails: a missing tool is the test report's business.
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const INSTALLER = '/usr/lib/debian-installer/images/12/amd64/gtk/debian-installer/amd64';
const INSTALLER_386 = '/usr/lib/debian-installer/images/12/i386/gtk/debian-installer/i386';

/** Debian's package, what proves that it is there (a command, or a file where there is a slash), what it is for. */
const PACKAGES = [
  ['qemu-system-x86', 'qemu-system-x86_64', 'virtual machines'],
  ['qemu-utils', 'qemu-img', 'disk images and snapshots'],
  ['ovmf', '/usr/share/OVMF/OVMF_CODE_4M.fd', 'UEFI for virtual machines'],
  ['swtpm', 'swtpm', 'TPM for virtual machines'],
  ['grub-rescue-pc', '/usr/lib/grub-rescue/grub-rescue-cdrom.iso', 'a guest that boots in two seconds'],
  ['debian-installer-12-netboot-amd64', `${INSTALLER}/linux`, 'a guest with windows and a mouse'],
  ['debian-installer-12-netboot-i386', `${INSTALLER_386}/linux`, 'the same for the emulator'],
  ['seabios', '/usr/share/seabios/bios.bin', 'firmware for the emulator'],
  ['freerdp2-x11', 'xfreerdp', 'RDP client'],
  ['rdesktop', 'rdesktop', 'RDP client'],
  ['tigervnc-viewer', 'xtigervncviewer', 'VNC client'],
  ['tigervnc-standalone-server', 'Xvnc', 'VNC server, to attach to'],
  ['tigervnc-tools', 'tigervncpasswd', 'VNC password files'],
  ['chromium', '/usr/bin/chromium', 'browser for noVNC'],
  ['xvfb', 'Xvfb', 'screen for the clients'],
  ['xdotool', 'xdotool', 'keys and mouse for the clients'],
];

/** Another apt may be at work; a mirror that does not answer must not hold up the tests for long. */
const PATIENCE = ['DPkg::Lock::Timeout=120', 'Acquire::Retries=2', 'Acquire::http::Timeout=30'].flatMap((o) => [
  '-o',
  o,
]);

/** Package lists older than this are fetched anew, so that the versions they name can still be downloaded. */
const LISTS_MAX_AGE_MS = 24 * 60 * 60 * 1000;

function isThere(proof) {
  if (proof.includes('/')) return existsSync(proof);
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, proof), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const missing = () => PACKAGES.filter(([, proof]) => !isThere(proof)).map(([name]) => name);

/** Why nothing can be installed here; undefined if it can. */
function obstacle() {
  if (process.platform !== 'linux') return 'not on Linux';
  if (!isThere('apt-get')) return 'no apt-get here';
  if (process.getuid() !== 0) return 'not root';
  try {
    if (!/^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'))) return 'not Debian';
  } catch {
    return 'not Debian';
  }
  return undefined;
}

/** Runs apt-get with a line on the terminal that ticks; resolves to whether it succeeded, and what it wrote. */
function apt(label, args) {
  return new Promise((resolve) => {
    const startedMs = Date.now();
    const seconds = () => `${Math.round((Date.now() - startedMs) / 1000)} s`;
    const terminal = process.stderr.isTTY;
    let doing = '';
    let output = '';
    const show = (end) => {
      if (terminal) process.stderr.write(`\r\x1b[K${label} … ${seconds()} ${doing}${end}`);
    };
    if (!terminal) process.stderr.write(`${label} …\n`);
    const child = spawn('apt-get', ['-q', '-y', ...PATIENCE, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    });
    const read = (chunk) => {
      output = (output + chunk).slice(-16_384);
      const steps = String(chunk).match(/^(Get:\S+|Unpacking|Setting up) .*$/gm);
      if (steps)
        doing = steps
          .at(-1)
          .replace(/^Get:\S+ \S+ /, 'getting ')
          .slice(0, 60);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    const timer = setInterval(() => show(''), 500);
    const done = (ok, error) => {
      clearInterval(timer);
      doing = '';
      show(`${ok ? 'done' : 'failed'}\n`);
      if (!terminal) process.stderr.write(`${label} … ${ok ? 'done' : 'failed'} in ${seconds()}\n`);
      resolve({ ok, output: error === undefined ? output : error.message });
    };
    child.once('error', (error) => done(false, error));
    child.once('close', (code) => done(code === 0));
  });
}

function listsAreFresh() {
  try {
    // apt leaves this file when it has fetched the lists; its folder's time also changes with other things.
    return Date.now() - statSync('/var/lib/apt/periodic/update-success-stamp').mtimeMs < LISTS_MAX_AGE_MS;
  } catch {
    return (
      existsSync('/var/cache/apt/pkgcache.bin') &&
      Date.now() - statSync('/var/cache/apt/pkgcache.bin').mtimeMs < LISTS_MAX_AGE_MS
    );
  }
}

async function install(names) {
  const args = ['install', '--no-install-recommends', ...names];
  const label = `installing ${names.length} packages for the interop tests`;
  let result = { ok: false, output: '' };
  if (listsAreFresh()) result = await apt(label, args);
  if (!result.ok) {
    await apt('fetching the package lists', ['update']);
    result = await apt(label, args);
  }
  // One package that this release does not have must not keep the others away.
  if (!result.ok) for (const name of names) result = await apt(`installing ${name}`, [...args.slice(0, 2), name]);
  return result;
}

function table() {
  const width = Math.max(...PACKAGES.map(([name]) => name.length));
  return PACKAGES.map(
    ([name, proof, purpose]) => `  ${isThere(proof) ? 'present' : 'MISSING'}  ${name.padEnd(width)}  ${purpose}`,
  ).join('\n');
}

/** Brings what the interop tests need, as far as it can be had; prints what is there and what is not. */
export async function ensureTestPackages() {
  try {
    const wanted = missing();
    if (wanted.length > 0) {
      const why = obstacle();
      if (why === undefined) await install(wanted);
      else process.stderr.write(`cannot install packages for the interop tests: ${why}\n`);
    }
    process.stderr.write(`for the interop tests:\n${table()}\n`);
    const still = missing();
    if (still.length > 0) process.stderr.write(`tests that need ${still.join(', ')} will be skipped\n`);
  } catch (error) {
    process.stderr.write(`packages for the interop tests: ${error.message}\n`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await ensureTestPackages();
