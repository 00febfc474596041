import { ENCODING } from '../../protocols/rfb/encodings.js';

/** The encodings of pixels that we have. */
export type PixelEncoding = typeof ENCODING.raw | typeof ENCODING.hextile | typeof ENCODING.zrle;

/** What a client listed in SetEncodings, as far as it matters here. It is sent nothing that it did not list. */
export interface ClientEncodings {
  readonly pixels: PixelEncoding;
  readonly listed: ReadonlySet<number>;
}

/** Before SetEncodings: everybody understands Raw. */
export const NO_ENCODINGS: ClientEncodings = { pixels: ENCODING.raw, listed: new Set() };

const OURS: readonly number[] = [ENCODING.raw, ENCODING.hextile, ENCODING.zrle];
const KNOWN: ReadonlySet<number> = new Set(Object.values(ENCODING));

/** Those that matter here, each once: as short as a list can be that means the same. */
export function knownEncodings(encodings: readonly number[]): number[] {
  return [...new Set(encodings)].filter((encoding) => KNOWN.has(encoding));
}

/** @param encodings as the client listed them, the preferred ones first */
export function clientEncodings(encodings: readonly number[]): ClientEncodings {
  const first = encodings.find((encoding) => OURS.includes(encoding));
  const listed = new Set(encodings.filter((encoding) => KNOWN.has(encoding)));
  // UltraVNC's viewer lists it, but takes a new size from DesktopSize alone, and asks for everything anew at each layout.
  if (listed.has(ENCODING.ultraVncServerState)) listed.delete(ENCODING.extendedDesktopSize);
  return { pixels: (first ?? ENCODING.raw) as PixelEncoding, listed };
}
