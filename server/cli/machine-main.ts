// What the service starts for each machine; nobody else needs to know it. A program of its own: a command line for
// people would cost every machine of a host five megabytes, and its start a tenth of a second.
import { parseArgs } from 'node:util';
import { UserError } from '../../src/base/errors.js';
import { reportFailure } from './failure.js';
import { machine } from './machine.js';

// What cannot be logged any more, on a full disk say, is not worth a guest.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { socket: { type: 'string' }, 'state-dir': { type: 'string' }, checked: { type: 'boolean' } },
  });
  const [folder] = positionals;
  const { socket, 'state-dir': stateDir, checked: isChecked = false } = values;
  if (folder === undefined || socket === undefined || stateDir === undefined) {
    throw new UserError('usage: machine-main FOLDER --socket PATH --state-dir FOLDER [--checked]', 2);
  }
  await machine({ folder, socket, stateDir, isChecked });
} catch (error) {
  reportFailure(error);
}
