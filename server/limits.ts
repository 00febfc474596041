/** Every bound on what a peer may cost us, with its reason. */
export const LIMITS = {
  /** From accept to a finished login. People type passwords in the client, before it connects: neatvnc uses 30 s too. */
  handshakeMs: 30_000,
  /** Until a WebSocket or a first byte arrives; a port scanner says nothing at all. */
  firstByteMs: 10_000,
  /** Sessions that have not logged in yet, per machine: beyond this new ones are closed at once. */
  maxGreeting: 384,
  /**
   * The same from one address, so that no single host takes all the places. Thirty people behind one router with two
   * consoles each, all of whom come back at once when a service is there again, are half of it.
   */
  maxGreetingPerAddress: 128,
  /** Sessions in all, per machine. */
  maxSessions: 64,
  /** Clients of a broker in all, at machines and on their way: two sockets and a few hundred KiB each. */
  maxVisits: 1_024,
  /** Of one user, so that nobody takes all the places; a class may share one name. */
  maxVisitsPerUser: 128,
  /** Somebody in the broker's lobby who touches nothing for so long has gone home. */
  lobbyIdleMs: 15 * 60_000,
  /** The lobby's screen: 2560x1600. Larger ones cost more to draw, and twice their memory, than they are worth. */
  lobbyPixels: 2560 * 1600,
  /** Keys and moves in the lobby, in so much time: nobody is faster, and what a program sends beyond it is dropped. */
  lobbyInputs: 64,
  lobbyInputsMs: 40,
  /**
   * Failed logins as one user from one address before there is a wait, which doubles with each one more up to the
   * longest: somebody who cannot type gets in, and somebody who guesses has 1,440 tries a day.
   */
  failedLogins: 5,
  failedLoginWaitMs: 10_000,
  /** The same for one user from anywhere. The first wait is short: it is mostly others who wait for what one does. */
  failedLoginsPerUser: 10,
  userWaitMs: 1_000,
  maxLoginWaitMs: 60_000,
  /** Longest user name that is told from others and kept: a user's has 64, and a machine's stands beside it. */
  userNameCharacters: 256,
  /** A failure after so long a peace is the first again. */
  failuresRememberedMs: 15 * 60_000,
  /** Failed logins from one address, whatever the names: a classroom of thirty that mistypes twice each is fine. */
  failedLoginsPerAddress: 60,
  addressWindowMs: 60_000,
  /** Bytes waiting in our own memory for one peer; above it the session is closed: it asked and never read. */
  maxUnsentBytes: 64 << 20,
  /** What one piece of them counts besides its bytes: the objects that the runtime keeps for a write, measured. */
  unsentPieceBytes: 512,
  /** Longest RDP PDU before login, and after: channel joins and licences are small, client data is not. */
  rdpPduBytes: 64 << 10,
  /**
   * The client's part of an RDP connection sequence, which is kept for a handover: two to four kilobytes in practice,
   * and with the start of a PDU behind it (rdpPduBytes), in base64, it has to fit a handover's line.
   */
  rdpSequenceBytes: 64 << 10,
  /** Longest RFB message a client may send: cut text is the only long one. */
  rfbMessageBytes: 1 << 20,
  /** Clipboard text taken from a client. */
  cutTextBytes: 1 << 20,
  /** A WebSocket is pinged this often: proxies close quiet ones after 60 s. */
  webSocketPingMs: 25_000,
  /** An answer over HTTP that nobody takes any of for so long: a page is a megabyte, and on the worst of lines it moves. */
  unreadAnswerMs: 30_000,
  /** A request's body to the API: a machine's definition is the longest. */
  apiBodyBytes: 1 << 20,
  /** The same from somebody who has not logged in yet, and may be anybody: each unfinished one is kept for a while. */
  loginBodyBytes: 16 << 10,
  /** Requests to the API that one caller may make at once, and each second from then on. */
  apiBurst: 200,
  apiRequestsPerSecond: 50,
  /** Streams of events, in all and for one caller: a browser has one for each page, and a class may share one name. */
  eventStreams: 512,
  eventStreamsPerCaller: 128,
  /** Bytes of events that wait for one reader; above it the stream ends, and the reader begins anew. */
  eventBacklogBytes: 1 << 20,
  /** A quiet stream of events says something this often, for proxies. */
  eventPingMs: 15_000,
  /** A session that is told to go gets this long to read its goodbye. */
  goodbyeMs: 1_000,
  /** All clients of a service that ends: those at machines are told by their machines' processes. */
  farewellMs: 2_000,
} as const;
