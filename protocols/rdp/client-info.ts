import type { Codec } from '../wire/codec.js';
import type { Reader } from '../wire/reader.js';
import type { Writer } from '../wire/writer.js';

/** @spec MS-RDPBCGR 2.2.1.11.1.1 flags, those that matter here. */
export const INFO = { autologon: 0x0008, unicode: 0x0010 } as const;

/** Longest of the five texts, in bytes; the specification's own bounds lie between 52 and 512. */
const MAX_TEXT_BYTES = 1024;
const MAX_ADDRESS_BYTES = 80;
const MAX_DIRECTORY_BYTES = 512;
/** @spec MS-RDPBCGR 2.2.1.11.1.1.1.1 Time Zone Information (TS_TIME_ZONE_INFORMATION) */
const TIME_ZONE_BYTES = 172;

/** @spec MS-RDPBCGR 2.2.1.11.1.1.1 Extended Info Packet (TS_EXTENDED_INFO_PACKET), as far as we act on it */
export interface ExtendedInfo {
  readonly addressFamily: number;
  /** What the client takes for its own address; anything, behind a NAT or out of malice. */
  readonly clientAddress: string;
  readonly clientDirectory: string;
  readonly performanceFlags: number;
}

/** @spec MS-RDPBCGR 2.2.1.11.1.1 Info Packet (TS_INFO_PACKET) */
export interface ClientInfo {
  readonly codePage: number;
  readonly flags: number;
  readonly domain: string;
  readonly user: string;
  readonly password: string;
  readonly alternateShell: string;
  readonly workingDirectory: string;
  /** RDP 5.0 and later. */
  readonly extended: ExtendedInfo | undefined;
}

export const ClientInfo: Codec<ClientInfo> = {
  name: 'Info Packet (TS_INFO_PACKET)',
  fixedSize: 4 /* CodePage */ + 4 /* flags */ + 5 * 2 /* lengths */ + 5 /* terminators, a byte each at least */,
  encode(w, v) {
    const unitBytes = (v.flags & INFO.unicode) === 0 ? 1 : 2;
    const texts = [v.domain, v.user, v.password, v.alternateShell, v.workingDirectory];
    w.u32le(v.codePage).u32le(v.flags);
    for (const text of texts) w.u16le(text.length * unitBytes);
    for (const text of texts) writeText(w, text, unitBytes).zeros(unitBytes);
    if (v.extended) writeExtended(w, v.extended);
  },
  decode(r) {
    const codePage = r.u32le('CodePage');
    const flags = r.u32le('flags');
    const unitBytes = (flags & INFO.unicode) === 0 ? 1 : 2;
    const lengths = TEXT_FIELDS.map((field) => readLength(r, MAX_TEXT_BYTES, field));
    // The lengths leave out the terminators, which are there all the same.
    const [domain, user, password, alternateShell, workingDirectory] = TEXT_FIELDS.map((field, i) =>
      readText(r, lengths[i]! + unitBytes, unitBytes, field),
    );
    return {
      codePage,
      flags,
      domain: domain!,
      user: user!,
      password: password!,
      alternateShell: alternateShell!,
      workingDirectory: workingDirectory!,
      extended: readExtended(r),
    };
  },
};

const TEXT_FIELDS = ['Domain', 'UserName', 'Password', 'AlternateShell', 'WorkingDir'] as const;

function writeExtended(w: Writer, v: ExtendedInfo): void {
  w.u16le(v.addressFamily);
  w.u16le(v.clientAddress.length * 2 + 2).utf16le(v.clientAddress, v.clientAddress.length + 1);
  w.u16le(v.clientDirectory.length * 2 + 2).utf16le(v.clientDirectory, v.clientDirectory.length + 1);
  w.zeros(TIME_ZONE_BYTES).u32le(0 /* clientSessionId */).u32le(v.performanceFlags);
  w.u16le(0 /* cbAutoReconnectCookie */);
}

/** Its lengths count the terminators; Android clients send an empty directory without one. */
function readExtended(r: Reader): ExtendedInfo | undefined {
  if (r.remaining < 4) return undefined;
  const addressFamily = r.u16le('clientAddressFamily');
  const clientAddress = r.utf16le(readLength(r, MAX_ADDRESS_BYTES, 'cbClientAddress'), 'clientAddress');
  const clientDirectory = r.utf16le(readLength(r, MAX_DIRECTORY_BYTES, 'cbClientDir'), 'clientDir');
  let performanceFlags = 0;
  if (r.remaining >= TIME_ZONE_BYTES + 8) {
    r.skip(TIME_ZONE_BYTES + 4, 'clientTimeZone and clientSessionId');
    performanceFlags = r.u32le('performanceFlags');
  }
  return { addressFamily, clientAddress, clientDirectory, performanceFlags };
}

function readLength(r: Reader, most: number, field: string): number {
  const bytes = r.u16le(field);
  return bytes > most ? r.fail('limit', field, `${bytes} bytes, at most ${most} are taken`) : bytes;
}

function readText(r: Reader, bytes: number, unitBytes: number, field: string): string {
  if (unitBytes === 2) return r.utf16le(bytes, field);
  const text = r.latin1(bytes, field);
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

function writeText(w: Writer, text: string, unitBytes: number): Writer {
  return unitBytes === 2 ? w.utf16le(text) : w.latin1(text);
}
