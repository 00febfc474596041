import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Bytes in `sun_path` without the final NUL: 107 on Linux, 103 on macOS and the BSDs. */
const MAX_SOCKET_PATH_BYTES = 103;
const LONGEST_NAME = 'vitrine-XXXXXX/fs00.sock';

/** A new folder that only this user can enter, short enough in name for the sockets in it. */
export async function makePrivateFolder(base = tmpdir()): Promise<string> {
  const fits = Buffer.byteLength(join(base, LONGEST_NAME)) <= MAX_SOCKET_PATH_BYTES;
  // mkdtemp creates with mode 0700, whatever the umask.
  return mkdtemp(join(fits ? base : '/tmp', 'vitrine-'));
}

export async function removePrivateFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => {});
}
