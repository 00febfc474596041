import { Problem } from '../base/errors.js';

/** What the host refuses, in words for whoever can mend it; anything else as it is. */
export function hostProblem(error: unknown): unknown {
  const { code, errno, path, message } = error as NodeJS.ErrnoException;
  if (errno === undefined) return error;
  const where = path === undefined ? '' : `: ${path}`;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new Problem('host-full', `no room on the host for that${where}`);
    case 'EMFILE':
    case 'ENFILE':
      return new Problem('unavailable', 'the host has no more open files to give: raise the limit (ulimit -n)');
    case 'EACCES':
    case 'EPERM':
      return new Problem('failed', `vitrine may not do that on the host${where}: look at its owner and mode`);
    case 'EROFS':
      return new Problem('failed', `the host’s file system can only be read${where}`);
    default:
      return new Problem('failed', message);
  }
}
