import { beforeEach, expect, test, vi } from 'vitest';
import { main } from '../../../server/cli/main.js';

/** What the service was asked, and with which options it was looked for. */
const asked: { readonly calls: [string, unknown][]; options: unknown } = { calls: [], options: undefined };
/** Whether the caller is an administrator. */
let admin = true;
vi.mock('../../../server/cli/verbs/connect.js', () => ({
  async connectService({ server, token, ca, stateDir }: Record<string, unknown>) {
    asked.options = { server, token, ca, stateDir };
    const call = async (name: string, params: unknown) => {
      asked.calls.push([name, params]);
      const answers: Record<string, unknown> = {
        'auth.whoami': { admin },
        'console.type': { untyped: 0 },
        'console.open': { ticket: 's3cret', expiresAt: 'noon', rdp: { file: 'full address:s:h:1\r\n' } },
      };
      return answers[name] ?? [];
    };
    return { call, close: () => {} };
  },
}));
beforeEach(() => {
  asked.calls.length = 0;
  admin = true;
});

/** Runs a command line; its words are separated by blanks. */
async function run(line: string): Promise<{ out: string; error: string; code: unknown }> {
  const [out, error] = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockReturnValue(true),
  ) as [ReturnType<typeof vi.spyOn>, ReturnType<typeof vi.spyOn>];
  try {
    await main(line.split(' '));
    const text = (spy: typeof out) => spy.mock.calls.map(([written]: unknown[]) => String(written)).join('');
    return { out: text(out), error: text(error), code: process.exitCode ?? 0 };
  } finally {
    out.mockRestore();
    error.mockRestore();
    process.exitCode = undefined;
  }
}

test.each([
  ['type desk --enter hello world', 'hello world\n'],
  ['type desk -- --json -x', '--json -x'],
  ['type desk -', '-'],
  ['type -- desk a', 'a'],
  ['type desk 007 1e3', '007 1e3'],
  ['controlvm desk keyboardputstring -v', '-v'],
  ['controlvm desk --state-dir /s keyboardputstring a b', 'ab'],
])('%s types', async (line, text) => {
  expect(await run(line)).toEqual({ out: 'typed\n', error: '', code: 0 });
  expect(asked.calls).toEqual([['console.type', { machine: 'desk', text }]]);
});

test.each(['list', 'controlvm desk pause', 'modifyvm desk --memory 64', 'startvm desk'])(
  '%s finds the service by the options that all commands have',
  async (line) => {
    await run(`${line} --server https://host:1 --token t --ca=/x/tls.pem`);
    expect(asked.options).toMatchObject({ server: 'https://host:1', token: 't', ca: '/x/tls.pem' });
    expect(asked.calls.length).toBeGreaterThan(0);
  },
);

test.each([
  ['shw desk', 'there is no command shw; did you mean show?'],
  ['frobnicate', "there is no command frobnicate; see 'vitrine --help'"],
  ['user ad bob', 'there is no command user ad; did you mean user add?'],
  ['snapshot desk', "there is no command snapshot desk; see 'vitrine snapshot --help'"],
  ['snapshot', "say what to do: take, list, restore, delete; see 'vitrine snapshot --help'"],
  ['role grant desk', 'something is missing: vitrine role grant <machine> <subject> <role>'],
  ['startvm', 'something is missing: vitrine start <machine..>'],
  ['type desk -x', 'something is missing: vitrine type <machine> <text..>'],
  ['machine /x --socket s', "there is no command machine; see 'vitrine --help'"],
  ['list --dry-run', "unknown argument: dry-run; see 'vitrine list --help'"],
  ['list --dry-run --foo', "unknown arguments: dry-run, foo; see 'vitrine list --help'"],
  ['show desk --state-dir /a --state-dir /b', '--state-dir is given twice'],
  ['serve --rdp 1 --rdp 2', '--rdp is given twice'],
  ['wait desk --state off --timeout soon', 'timeout takes a number'],
  ['mouse desk left 3', 'x takes a number'],
  ['ticket create desk --minutes many', 'minutes takes a number'],
  ['user set bob --enable --disable', '--enable or --disable, not both'],
])('%s: %s', async (line, text) => {
  expect(await run(line)).toEqual({ out: '', error: `vitrine: ${text}\n`, code: 2 });
  expect(asked.calls).toEqual([]);
});

test('what may be repeated may be', async () => {
  await run('create desk --disk /a --disk /b --new-disk 1G');
  expect(asked.calls).toEqual([
    ['machine.create', { name: 'desk', config: { disks: [{ file: '/a' }, { file: '/b' }, { size: '1G' }] } }],
  ]);
});

test('who is no administrator changes the password by the one before', async () => {
  admin = false;
  expect(await run('user password bob --password-file /dev/null')).toMatchObject({
    error: 'vitrine: --current-password-file says where the password stands; - is the input\n',
    code: 2,
  });
  admin = true;
  expect((await run('user password bob')).error).toMatch(/^vitrine: --password-file says/);
});

test('an .rdp file is all that is printed, and its password is told beside it', async () => {
  expect(await run('console desk --as rdp')).toEqual({
    out: 'full address:s:h:1\r\n',
    error: 'password s3cret, good until noon, once\n',
    code: 0,
  });
});
