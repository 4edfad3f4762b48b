/**
 * The one seam to the network. A transport sends bytes and knows nothing of SQL, results, retries
 * by meaning, or credentials: those are in the headers that it is given.
 */
export interface TransportRequest {
  readonly method: string
  /** Absolute, without userinfo. */
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Whether sending it twice does no harm: only then it may go on a kept-alive socket. */
  readonly idempotent: boolean
  /** Not on a kept-alive socket: one has just died, and others may have died with it. */
  readonly fresh?: boolean | undefined
  /**
   * To be called when it leaves, where that is not at once: until then the server cannot know of it.
   * Only for a transport with {@link Transport.tellsSending}.
   */
  readonly onSend?: (() => void) | undefined
}

export interface TransportResponse {
  readonly status: number
  readonly headers: Headers
  readonly body: TransportBody
}

/** The bytes of a reply. Read it once, or {@link TransportBody.discard} it: else the socket is lost. */
export interface TransportBody extends AsyncIterable<Uint8Array> {
  /** Gives the rest up and frees the socket. */
  discard(): void
  /** Trailer fields; `undefined` before the end, and always where the platform hides them (fetch). */
  trailers(): Headers | undefined
}

export interface Transport {
  readonly name: string
  /** Whether it calls {@link TransportRequest.onSend}; else a request is taken to leave at once. */
  readonly tellsSending?: boolean | undefined
  /**
   * Resolves when the headers are there, whatever the status; rejects with a DruidError `CONNECT`,
   * `TLS`, `TIMEOUT` or `CANCELLED`. Reading the body rejects with the same.
   */
  request(request: TransportRequest): Promise<TransportResponse>
  /** Ends idle sockets. */
  close(): Promise<void>
}

/** `POST http://host:8888/druid/v2/sql`: what a message may say of a request. Without query and userinfo. */
export function attempted(method: string, url: URL): string {
  return `${method} ${url.origin}${url.pathname}`
}
