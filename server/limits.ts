/** Every bound on what a peer may cost us, with its reason. */
export const LIMITS = {
  /** From accept to a finished login. People type passwords in the client, before it connects: neatvnc uses 30 s too. */
  handshakeMs: 30_000,
  /** Until a WebSocket or a first byte arrives; a port scanner says nothing at all. */
  firstByteMs: 10_000,
  /** Sessions that have not logged in yet, per machine: beyond this new ones are closed at once. */
  maxGreeting: 128,
  /** The same from one address, so that no single host takes all the places; a classroom behind one router fits. */
  maxGreetingPerAddress: 32,
  /** Sessions in all, per machine. */
  maxSessions: 64,
  /** Failed logins from one address before it has to wait, and how long the memory lasts. */
  failedLogins: 5,
  failedLoginWindowMs: 10_000,
  /** Bytes waiting in our own memory for one peer; above it the session is closed: it asked and never read. */
  maxUnsentBytes: 64 << 20,
  /** Longest RDP PDU before login, and after: channel joins and licences are small, client data is not. */
  rdpPduBytes: 64 << 10,
  /** Longest RFB message a client may send: cut text is the only long one. */
  rfbMessageBytes: 1 << 20,
  /** Clipboard text taken from a client. */
  cutTextBytes: 1 << 20,
  /** A WebSocket is pinged this often: proxies close quiet ones after 60 s. */
  webSocketPingMs: 25_000,
  /** A session that is told to go gets this long to read its goodbye. */
  goodbyeMs: 1_000,
} as const;
