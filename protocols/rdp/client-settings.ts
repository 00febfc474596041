/** A static virtual channel as the client asked for it, with the MCS channel that carries it. */
export interface StaticChannel {
  readonly name: string;
  readonly id: number;
  readonly options: number;
}

/** What a client says of itself during the connection sequence, reduced to what the server acts on. */
export interface ClientSettings {
  readonly clientName: string;
  readonly clientBuild: number;
  /** @spec MS-RDPBCGR 2.2.1.3.2 keyboardLayout: a Windows input locale, 0x409 is US English. */
  readonly keyboardLayout: number;
  readonly desktopWidth: number;
  readonly desktopHeight: number;
  /** Bits a pixel that this session uses, settled from what the client wants and supports. */
  readonly colorDepth: 15 | 16 | 24 | 32;
  readonly channels: readonly StaticChannel[];
  /** MCS channel of the share (1003). */
  readonly ioChannelId: number;
  readonly userChannelId: number;
  readonly shareId: number;
  readonly capabilities: ClientCapabilities;
}

/** @spec MS-RDPBCGR 2.2.7 Capability Sets, as the client confirmed them. */
export interface ClientCapabilities {
  /** General: the client takes fast-path output. */
  readonly fastPathOutput: boolean;
  /** General: bitmap data comes without the 8 byte TS_CD_HEADER (NO_BITMAP_COMPRESSION_HDR). */
  readonly noBitmapCompressionHeader: boolean;
  /** Bitmap: the client follows a desktop resize by deactivation-reactivation. */
  readonly desktopResize: boolean;
  /** Bitmap: planar bitmaps may come without their alpha plane (drawingFlags has DRAW_ALLOW_SKIP_ALPHA, 0x08). */
  readonly skipAlpha: boolean;
  /** Bitmap: planar bitmaps may come as luma and chroma (drawingFlags has DRAW_ALLOW_DYNAMIC_COLOR_FIDELITY, 0x02). */
  readonly dynamicColorFidelity: boolean;
  /** Pointer: slots in the color (24 bit) pointer cache and in the new pointer cache; 0 where it has none. */
  readonly colorPointerCacheSize: number;
  readonly pointerCacheSize: number;
  /** Large pointers: the longest edge the client takes: 32, 96 or 384. */
  readonly maxPointerEdge: number;
  /** Multifragment update: most bytes of a reassembled fast-path update, or 0 where fragments are not supported. */
  readonly multifragmentMaxBytes: number;
  /** Surface commands: CMDFLAGS bits, 0 where absent. */
  readonly surfaceCommands: number;
  /** Frame acknowledge: frames the client allows in flight, undefined where it does not acknowledge. */
  readonly maxUnacknowledgedFrames: number | undefined;
}
