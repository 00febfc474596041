import { join } from 'node:path';
import { type Address, writePasswordFile } from './clients.js';
import type { Picture } from './picture.js';
import { scratch, start } from './processes.js';
import { RfbProbe } from './rfb-probe.js';
import { until } from './wait.js';
import { XServer } from './x-server.js';

/** TigerVNC's server: a desktop of its own on a free port, with a password. */
export class Xvnc extends XServer {
  readonly display: string;
  readonly address: Address;
  readonly #password: string;
  #probe: Promise<RfbProbe> | undefined;

  private constructor(number: number, password: string) {
    super();
    this.display = `:${number}`;
    // Xvnc's own rule.
    this.address = { host: '127.0.0.1', port: 5900 + number };
    this.#password = password;
  }

  static async start(password: string, geometry: string): Promise<Xvnc> {
    const passwordFile = join(scratch(), 'passwd');
    writePasswordFile(passwordFile, password);
    let number = '';
    const access = ['-SecurityTypes', 'VncAuth', '-PasswordFile', passwordFile, '-interface', '127.0.0.1'];
    const server = start('Xvnc', ['-displayfd', '3', '-geometry', geometry, '-depth', '24', ...access], {
      onFd3: (text) => {
        number += text;
      },
    });
    await until('Xvnc says its display number', () => number.endsWith('\n'), { state: () => server.output });
    return new Xvnc(Number(number), password);
  }

  /** As a viewer without a cursor of its own is sent it; no pointer is drawn into it while the viewer moves none. */
  async picture(): Promise<Picture> {
    this.#probe ??= RfbProbe.connect(this.address, this.#password);
    return (await this.#probe).picture();
  }
}
