import { type Codec, encode } from '../wire/codec.js';
import { SECURITY, SecurityHeader } from './security-header.js';

/** @spec MS-RDPBCGR 2.2.1.12.1.1 Licensing Preamble: an error alert, in the words of protocol version 3. */
const ERROR_ALERT = 0xff;
/** Without EXTENDED_ERROR_MSG_SUPPORTED (0x80): mstsc crashes on that flag from a server. */
const PREAMBLE_VERSION_3 = 0x03;
const ERROR_BLOB = 0x0004;
const PREAMBLE_BYTES = 4;

export const LICENSE_ERROR = { validClient: 0x0000_0007 } as const;
export const LICENSE_TRANSITION = { none: 0x0000_0002 } as const;

/** @spec MS-RDPBCGR 2.2.1.12.1.3 Licensing Error Message (LICENSE_ERROR_MESSAGE) */
export interface LicenseErrorMessage {
  readonly errorCode: number;
  readonly stateTransition: number;
}

export const LicenseErrorMessage: Codec<LicenseErrorMessage> = {
  name: 'Licensing Error Message (LICENSE_ERROR_MESSAGE)',
  fixedSize: PREAMBLE_BYTES + 4 /* dwErrorCode */ + 4 /* dwStateTransition */ + 4 /* empty bbErrorInfo */,
  encode(w, { errorCode, stateTransition }) {
    w.u8(ERROR_ALERT).u8(PREAMBLE_VERSION_3).u16le(LicenseErrorMessage.fixedSize);
    w.u32le(errorCode).u32le(stateTransition).u16le(ERROR_BLOB).u16le(0);
  },
  decode(r) {
    const type = r.u8('bMsgType');
    if (type !== ERROR_ALERT) r.fail('unsupported', 'bMsgType', `is ${type}`);
    r.skip(3, 'flags and wMsgSize');
    const errorCode = r.u32le('dwErrorCode');
    const stateTransition = r.u32le('dwStateTransition');
    r.skip(4, 'bbErrorInfo');
    return { errorCode, stateTransition };
  },
};

/** All that there is of licensing: the client needs none. With the security header before it. */
export function noLicenseNeeded(): Uint8Array {
  const message = { errorCode: LICENSE_ERROR.validClient, stateTransition: LICENSE_TRANSITION.none };
  return Uint8Array.of(...encode(SecurityHeader, { flags: SECURITY.license }), ...encode(LicenseErrorMessage, message));
}
