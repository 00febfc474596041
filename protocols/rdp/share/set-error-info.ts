import type { Codec } from '../../wire/codec.js';

/** @spec MS-RDPBCGR 2.2.5.1.1 errorInfo, those that we have use for. */
export const ERROR_INFO = {
  none: 0x0,
  rpcInitiatedDisconnect: 0x1,
  idleTimeout: 0x3,
  logonTimeout: 0x4,
  disconnectedByOtherConnection: 0x5,
  serverDeniedConnection: 0x7,
  serverInsufficientPrivileges: 0x9,
  logoffByUser: 0xc,
} as const;

/** @spec MS-RDPBCGR 2.2.5.1.1 Set Error Info PDU Data (TS_SET_ERROR_INFO_PDU) */
export interface SetErrorInfo {
  readonly errorInfo: number;
}

export const SetErrorInfo: Codec<SetErrorInfo> = {
  name: 'Set Error Info PDU Data (TS_SET_ERROR_INFO_PDU)',
  fixedSize: 4 /* errorInfo */,
  encode: (w, { errorInfo }) => void w.u32le(errorInfo),
  decode: (r) => ({ errorInfo: r.u32le('errorInfo') }),
};
