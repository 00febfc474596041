import type { EngineState, PowerAction } from '../../src/engine/engine.js';
import type { RdpHandover, RfbHandover } from '../session/handover.js';
import type { CloseReason } from '../session/session.js';

/** What a machine's process answers on its control connection: `{id, op, ...params}` -> `{id, result}` or `{id, problem}`. */
export interface ControlOperations {
  status: { params: object; result: VmStatus };
  /** 'off' ends the process too. */
  power: { params: { action: PowerAction }; result: object };
  /** PNG, base64; `maxWidth` scales it down. */
  screenshot: { params: { maxWidth?: number }; result: { png: string; width: number; height: number } };
  /** Types text as a US keyboard would; resolves when it is typed. */
  type: { params: { text: string }; result: { untyped: number } };
  /** Set-1 scan codes (0x80 set: extended), in order. */
  keys: { params: { keys: readonly { code: number; down: boolean }[] }; result: object };
  pointer: { params: { x: number; y: number; buttons: number; wheelY?: number }; result: object };
  clipboard: { params: { text: string }; result: object };
  requestSize: { params: { width: number; height: number }; result: { asked: boolean } };
  kick: { params: { session: string; by: string; message?: string }; result: object };
  /** Ends a session for good: its client is told in its protocol's words, and does not go back to the broker. */
  dismiss: { params: { session: string; reason: CloseReason; text: string }; result: object };
  /** The most that somebody may do has changed; `setRights` is an operator's word within that. */
  limit: { params: { session: string; rights: 'view' | 'control' }; result: object };
  setRights: { params: { session: string; rights: 'view' | 'control' }; result: object };
  /** Writes the running guest's state to `stateFile` and moves writing on to `overlays`, in one moment; goes on. */
  snapshot: { params: { stateFile: string; overlays: readonly string[] }; result: object };
  /** Writes the state and ends the process. */
  saveState: { params: { stateFile: string }; result: object };
  /** MiB that the guest shall have to itself from now on. */
  balloon: { params: { memoryMiB: number }; result: object };
}
export type ControlOp = keyof ControlOperations;

/** What a machine's process tells by itself, to each control connection: `{event, ...}`. */
export type ControlEvent =
  | { readonly event: 'state'; readonly state: EngineState; readonly reason?: string }
  | { readonly event: 'sessions'; readonly sessions: readonly VmSession[] }
  /** The screen has changed since the last thumbnail that was asked for; at most once a second. */
  | { readonly event: 'screen' }
  /**
   * A session whose visitor `returns` is over here. Of what this process has written to the stream, the first
   * `sentBytes` are the client's. The broker then ends its sending side, and only after that end has been read does
   * this process write what the client had sent behind `handover` and nobody has acted on, and ends its own side:
   * the stream and this line have no order between them, and what belongs to the client must be told apart.
   */
  | {
      readonly event: 'return';
      readonly session: string;
      /** 'menu': they asked for the picker. */
      readonly reason: CloseReason | 'menu';
      readonly text: string;
      readonly sentBytes: number;
      readonly handover: Omit<RdpHandover, 'visitor'> | Omit<RfbHandover, 'visitor'>;
    };

export interface VmSession {
  readonly session: string;
  readonly user: string;
  readonly remote: string;
  readonly via: string;
  readonly rights: 'view' | 'control';
  /** ISO 8601. */
  readonly since: string;
  readonly sentBytes: number;
  readonly updates: number;
  /** Round trip as the protocol tells it, where it does. */
  readonly rttMs?: number;
}

export interface VmStatus {
  readonly name: string;
  readonly pid: number;
  readonly engine: string;
  readonly accel: string | null;
  readonly state: EngineState;
  readonly reason?: string;
  readonly width: number;
  readonly height: number;
  /** ISO 8601. */
  readonly startedAt: string;
  /** How often the guest was started again by policy. */
  readonly restarts: number;
  readonly power: readonly PowerAction[];
  readonly sessions: readonly VmSession[];
  readonly meters: VmMeters;
  /** Which hardware the guest has: the definition may be another one meanwhile. Processes of before do not say. */
  readonly hardware?: string;
}

/** Sums since the process began. */
export interface VmMeters {
  readonly updates: number;
  readonly sentBytes: number;
  readonly encodeMs: number;
  readonly framesPublished: number;
  /** From an input to the next published change, summed, and how many. */
  readonly inputToDamageMs: number;
  readonly inputs: number;
  /** Of the process and all below it: QEMU and what it needs. */
  readonly rssBytes: number;
  readonly cpuMs: number;
}
