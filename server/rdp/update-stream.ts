import type { ClientCapabilities } from '../../protocols/rdp/client-settings.js';
import {
  MAX_UPDATE_DATA,
  UPDATE_CODE,
  type UpdateCode,
  writeFastPathUpdate,
} from '../../protocols/rdp/fast-path/fast-path-update-pdu.js';
import { POINTER_MESSAGE, PointerPdu, SYSTEM_POINTER } from '../../protocols/rdp/graphics/pointer-update.js';
import { encode } from '../../protocols/wire/codec.js';
import { Writer } from '../../protocols/wire/writer.js';

/** @spec MS-RDPBCGR 2.2.8.1.1.1.2 Share Data Header (TS_SHAREDATAHEADER), pduType2 */
const PDUTYPE2_UPDATE = 2;
const PDUTYPE2_POINTER = 27;

/** Most bytes of update data in a share data PDU: with its headers it must stay below MCS's 16,383 bytes. */
const MAX_SLOW_UPDATE_DATA = 0x3f00;

/** A batch at least this long goes out before the frame is finished, so that the client can begin. */
const BATCH_BYTES = 64 << 10;
const FIRST_CAPACITY = 8 << 10;

/** Sends a share data PDU on the I/O channel; `data` is what comes after the share data header. */
export type SendShareData = (pduType2: number, data: Uint8Array) => void;

/**
 * Updates on their way to one client: PDUs are collected and handed over in few large pieces, none of which is
 * written again. A client without fast-path output gets the same updates as share data PDUs.
 */
export class UpdateStream {
  /** Most bytes of one update's data that this client takes. */
  readonly maxUpdateBytes: number;
  /** Whether updates may be sent that the slow path does not have: surface commands, large pointers. */
  readonly isFastPath: boolean;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #sendShareData: SendShareData;
  #batch: Writer | undefined;

  constructor(capabilities: ClientCapabilities, send: (bytes: Uint8Array) => void, sendShareData?: SendShareData) {
    this.#send = send;
    this.#sendShareData = sendShareData ?? (() => {});
    this.isFastPath = capabilities.fastPathOutput || sendShareData === undefined;
    this.maxUpdateBytes = this.isFastPath
      ? Math.max(capabilities.multifragmentMaxBytes, MAX_UPDATE_DATA)
      : MAX_SLOW_UPDATE_DATA;
  }

  /** Queues one update; `data` is copied. */
  write(code: UpdateCode, data: Uint8Array): void {
    if (!this.isFastPath) {
      this.#writeSlow(code, data);
      return;
    }
    this.#batch ??= new Writer(FIRST_CAPACITY);
    writeFastPathUpdate(this.#batch, code, data);
    if (this.#batch.length >= BATCH_BYTES) this.flush();
  }

  /** Hands over what is queued. */
  flush(): void {
    const batch = this.#batch;
    this.#batch = undefined;
    if (batch !== undefined) this.#send(batch.finish());
  }

  #writeSlow(code: UpdateCode, data: Uint8Array): void {
    const pointer = (messageType: number, body: Uint8Array): void =>
      this.#sendShareData(PDUTYPE2_POINTER, encode(PointerPdu, { messageType, data: body }));
    switch (code) {
      case UPDATE_CODE.bitmap:
        this.#sendShareData(PDUTYPE2_UPDATE, data.slice());
        break;
      case UPDATE_CODE.pointerNull:
        pointer(POINTER_MESSAGE.system, u32le(SYSTEM_POINTER.hidden));
        break;
      case UPDATE_CODE.pointerDefault:
        pointer(POINTER_MESSAGE.system, u32le(SYSTEM_POINTER.default));
        break;
      case UPDATE_CODE.pointerPosition:
        pointer(POINTER_MESSAGE.position, data);
        break;
      case UPDATE_CODE.colorPointer:
        pointer(POINTER_MESSAGE.color, data);
        break;
      case UPDATE_CODE.cachedPointer:
        pointer(POINTER_MESSAGE.cached, data);
        break;
      case UPDATE_CODE.newPointer:
        pointer(POINTER_MESSAGE.pointer, data);
        break;
      case UPDATE_CODE.surfaceCommands:
      case UPDATE_CODE.largePointer:
        throw new RangeError(`update ${code} does not exist on the slow path`);
    }
  }
}

function u32le(value: number): Uint8Array {
  return new Writer(4).u32le(value).finish();
}
