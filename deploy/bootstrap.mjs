#!/usr/bin/env node
// Makes a fresh clone ready with nothing but Node: installs packages, builds, then does what was asked.
// No dependencies. Does nothing twice: each step leaves a stamp and is skipped while its inputs are unchanged.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const NODE_NEEDED = [20, 19];

function fail(message) {
  process.stderr.write(`vitrine: ${message}\n`);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < NODE_NEEDED[0] || (major === NODE_NEEDED[0] && minor < NODE_NEEDED[1])) {
    fail(`needs Node ${NODE_NEEDED.join('.')} or newer, this is ${process.versions.node}`);
  }
}

/** Runs a command with a ticking line on the terminal; its output is shown only if it fails. */
function step(label, command, args) {
  return new Promise((resolve) => {
    const startedMs = Date.now();
    const terminal = process.stderr.isTTY;
    const seconds = () => `${Math.round((Date.now() - startedMs) / 1000)} s`;
    process.stderr.write(`vitrine: ${label} …${terminal ? '' : '\n'}`);
    const timer = terminal && setInterval(() => process.stderr.write(`\rvitrine: ${label} … ${seconds()}`), 1000);
    const child = spawn(command, args, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      // For npm.cmd alone: a shell would take the blank in node's own path for the end of it.
      shell: process.platform === 'win32' && command === 'npm',
    });
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-64_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const done = (code, error) => {
      clearInterval(timer);
      process.stderr.write(
        `${terminal ? '\r' : ''}vitrine: ${label} … ${code === 0 ? `done in ${seconds()}` : 'failed'}\n`,
      );
      if (code === 0) return resolve();
      process.stderr.write(output);
      fail(`'${command} ${args.join(' ')}' ${error ? `could not be run: ${error.message}` : 'failed, see above'}`);
    };
    child.once('error', (error) => done(-1, error));
    child.once('close', (code) => done(code));
  });
}

/** npm runs us through a shell that may die of a signal without passing it on: an orphan ends as if it had got it. */
function endWithParent() {
  const parent = process.ppid;
  const watch = () => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  };
  const timer = setInterval(watch, 500);
  timer.unref();
}

function readStamp(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

async function install() {
  const stampFile = join(ROOT, 'node_modules', '.vitrine-stamp');
  const stamp = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  if (readStamp(stampFile) === stamp) return;
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  // Under `npm start` the npm that runs us says where it is; that one is sure to be there.
  const npm = process.env.npm_execpath;
  if (npm?.endsWith('.js')) await step('installing packages', process.execPath, [npm, ...args]);
  else await step('installing packages', 'npm', args);
  writeFileSync(stampFile, stamp);
}

/** Path, size and time of every source file: cheap, and changes whenever a build could differ. */
function sourceStamp(folders) {
  const hash = createHash('sha256');
  const visit = (path) => {
    const info = statSync(path);
    if (info.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name));
    else hash.update(`${path}\0${info.size}\0${info.mtimeMs}\n`);
  };
  for (const folder of [...folders, 'tsconfig.base.json', 'package.json', 'deploy']) visit(join(ROOT, folder));
  return hash.digest('hex');
}

async function build() {
  const folders = ['protocols', 'src', 'server'];
  const stampFile = join(ROOT, 'dist', '.stamp');
  const stamp = sourceStamp(folders);
  if (readStamp(stampFile) === stamp) return;
  await step('building', process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-b', ...folders]);
  await import('./copy-assets.mjs');
  writeFileSync(stampFile, stamp);
}

/** Hands the terminal over to a command and exits as it does. */
function become(command, args) {
  const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit' });
  child.once('error', (error) => fail(`'${command}' could not be run: ${error.message}`));
  child.once('exit', (code, signal) => process.exit(signal ? 1 : code));
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});
}

checkNode();
const [task, ...rest] = process.argv.slice(2);
await install();
await build();
switch (task) {
  case 'start': {
    // npm runs scripts in the package's folder; paths on the command line are relative to where the user stands.
    if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
    // In this process: signals, the exit code and the process id are then the program's own.
    endWithParent();
    const { program } = await import(pathToFileURL(join(ROOT, 'dist', 'server', 'cli', 'main.js')).href);
    // `npm start -- serve` and the like name a command; options alone are those of `run`.
    const isCommand = rest[0] !== undefined && !rest[0].startsWith('-');
    await program(isCommand ? rest : ['run', ...(rest.length === 0 ? ['--demo'] : rest)]);
    break;
  }
  case 'test': {
    const { ensureTestPackages } = await import('./test-packages.mjs');
    await ensureTestPackages();
    become(process.execPath, [join('node_modules', 'vitest', 'vitest.mjs'), 'run', ...rest]);
    break;
  }
  case 'dev':
    // Compiles on each change and starts again: the test card in the browser, without a login.
    spawn(
      process.execPath,
      [join('node_modules', 'typescript', 'bin', 'tsc'), '-b', '--watch', '--preserveWatchOutput', 'server'],
      { cwd: ROOT, stdio: 'inherit' },
    );
    become(process.execPath, [
      '--watch',
      join('dist', 'server', 'cli', 'main.js'),
      'run',
      '--auth',
      'none',
      ...(rest.length === 0 ? ['--demo'] : rest),
    ]);
    break;
  case 'build':
    break;
  default:
    fail(`unknown task '${task}': start, test, dev or build`);
}
