import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeIdentity } from '../../../server/auth/make-certificate.js';
import { connectService } from '../../../server/cli/verbs/connect.js';
import { scratchFolder } from '../auth/scratch.js';

test('a certificate to trust is one', async () => {
  const file = join(scratchFolder(), 'ca.pem');
  const connect = () => connectService({ server: 'https://localhost:1', token: 't', ca: file });
  await expect(connect()).rejects.toThrow(`--ca: cannot read ${file}`);
  writeFileSync(file, 'nonsense');
  await expect(connect()).rejects.toThrow(`--ca: ${file} is no certificate in PEM`);
  // As it lies in the state folder: with its key.
  writeFileSync(file, await makeIdentity(Date.now()));
  (await connect()).close();
});
