/** Bounds on a machine's private socket. Its peers are our own processes; a bug in one must not cost the other. */
export const IPC_LIMITS = {
  /** From accept to the whole first line. */
  helloMs: 10_000,
  /** Longest request: a clipboard of a megabyte whose every character JSON escapes. */
  requestBytes: 8 << 20,
  /** Longest answer: the picture of the largest screen that the display allows, uncompressed, in base64. */
  answerBytes: 96 << 20,
  /** Requests of one connection that wait for their answer; those beyond are refused. */
  pendingRequests: 256,
  /** Answers and events that a peer has not read. */
  unreadBytes: 128 << 20,
} as const;
