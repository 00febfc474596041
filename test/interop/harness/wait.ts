/** How often a fact is looked at while it is waited for. */
const POLL_MS = 100;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export interface UntilOptions {
  readonly deadlineMs?: number;
  readonly everyMs?: number;
  /** Says how things stand, for the message when the deadline passes. */
  readonly state?: () => string | Promise<string>;
}

/** Waits for a fact: polls `probe` until it gives something truthy, and returns that. */
export async function until<T>(
  fact: string,
  probe: () => T | Promise<T>,
  options: UntilOptions = {},
): Promise<Exclude<T, false | undefined | null>> {
  const { deadlineMs = 15_000, everyMs = POLL_MS, state } = options;
  const endMs = Date.now() + deadlineMs;
  for (;;) {
    const found = await probe();
    if (found !== false && found !== undefined && found !== null) {
      return found as Exclude<T, false | undefined | null>;
    }
    if (Date.now() >= endMs) {
      const how = state === undefined ? '' : `: ${await state()}`;
      throw new Error(`not within ${deadlineMs} ms: ${fact}${how}`);
    }
    await pause(everyMs);
  }
}
