/** What a client shows to be let in, by the kind of its security type. */
export type LoginAttempt =
  | { readonly kind: 'none' }
  /** VncAuth's answer to the challenge. */
  | { readonly kind: 'response'; readonly response: Uint8Array }
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  /** Apple's: to be decrypted with the key that `diffieHellman` has made. */
  | { readonly kind: 'diffie-hellman'; readonly encrypted: Uint8Array; readonly publicValue: Uint8Array };

export type ServerHandshakeEvent =
  | { readonly type: 'repeater-id'; readonly id: string }
  /**
   * TLS begins now, with `early` if the client was quick; nothing goes on until `secured`. Without a certificate
   * where it is anonymous.
   */
  | { readonly type: 'tls'; readonly anonymous: boolean; readonly early: Uint8Array }
  /** The client wants in; nothing goes on until `verdict`. */
  | { readonly type: 'login'; readonly attempt: LoginAttempt }
  /** Turned away; the connection should be closed once everything is sent. */
  | { readonly type: 'refused' }
  /** The client expects a ServerInit now; bytes after it are in `rest`. */
  | { readonly type: 'client-init'; readonly shared: boolean; readonly rest: Uint8Array };
