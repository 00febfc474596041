/** What QEMU says, and what it means here. `$1` is what the first group matched. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/Is another process using the image \[(.*)\]\?/, 'another process uses $1'],
  [
    /Unknown driver 'iscsi'/,
    'it was installed without iSCSI: apt install qemu-block-extra, dnf install qemu-block-iscsi',
  ],
  [
    /failed to find romfile/,
    'booting from the network needs its option ROMs: apt install ipxe-qemu, dnf install ipxe-roms-qemu',
  ],
  [/failed to launch bridge helper/, 'joining a bridge needs qemu-bridge-helper: apt install qemu-system-common'],
  [
    /bridge helper failed/,
    "it may not join the bridge: 'allow BRIDGE' has to stand in /etc/qemu/bridge.conf, and qemu-bridge-helper to be setuid root",
  ],
  [/Could not set up host forwarding rule '(.*)'/, 'the port forward $1 cannot be: somebody else listens there'],
  [/'usb-host' is not a valid device model name/, 'it was built without USB devices of the host'],
];

/**
 * What QEMU died of, from its standard error: the last of its error lines, without the program's name, or what that
 * means. Undefined when there is none.
 */
export function complaint(stderr: string): string | undefined {
  for (const [words, meaning] of MEANINGS) {
    const found = words.exec(stderr);
    if (found !== null) return meaning.replace('$1', found[1] ?? '');
  }
  const lines = stderr.split('\n').filter((line) => /^(qemu|vitrine-guard)/.test(line) && !line.includes(': warning:'));
  return lines
    .at(-1)
    ?.replace(/^[^:]*(qemu-system-\w+|vitrine-guard): /, '')
    .replace(/^-blockdev \{.*?\}: /, '')
    .trim();
}
