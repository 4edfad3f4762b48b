/** A request as it came to the fake. */
export interface FakeRequest {
  readonly method: string
  /** Without the query. As it was sent: percent-encoded. */
  readonly path: string
  readonly query: URLSearchParams
  readonly url: URL
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Parsed where it is JSON, else text; `undefined` for none. */
  readonly body: unknown
  /** Whether an `authorization` or a `cookie` came with it. */
  readonly credentials: boolean
  /** `host:port` of the server that was asked, as `sys.servers` has it. */
  readonly server: string
  /** The roles of that server: a Coordinator may be the Overlord as well. */
  readonly roles: readonly string[]
  /** What fills the `{…}` of the route's path, decoded. */
  readonly params: Readonly<Record<string, string>>
  /** The caller's: aborted when it gives up. */
  readonly signal: AbortSignal
  /** Of the reply; `undefined` before it. */
  readonly status: number | undefined
  readonly state: RequestState
}

/**
 * `waiting` for a reply; its body is `unread`; was `read` to its end; was `left` before; or it
 * `failed`: was aborted, or cut off.
 */
export type RequestState = 'waiting' | 'unread' | 'read' | 'left' | 'failed'

/** The same for the fake itself, which writes down what becomes of it. */
export type OwnRequest = { -readonly [K in keyof FakeRequest]: FakeRequest[K] }
