import type { Transport, TransportRequest, TransportResponse } from '@druid/core'
import { abortError, checkNames, DruidError, isDruidError, messageOf } from '@druid/core/extension'
import { type Answering, called, piecesOf, replyOf } from './answer.ts'
import { fakeBody } from './body.ts'
import type { FakeFault } from './fault.ts'
import { notFound, servedBy } from './not-found.ts'
import { ownReply, type Place, placeOf } from './own.ts'
import { wrongFake } from './problem.ts'
import { druidReply, type FakeReply, isReply } from './reply.ts'
import type { FakeRequest, OwnRequest } from './request.ts'
import { styleOf } from './result.ts'
import { type Routes, routeAt, routesOf } from './route.ts'
import { type Server, type ServerInput, serversAt, serversOf, USUAL_SERVERS } from './server.ts'
import { sqlEndpoint } from './sql.ts'
import { type FakeQuery, type SqlHandler, type SqlRule, sqlHandlerOf } from './sql-rules.ts'

/** Options of {@link fakeDruid}. */
export interface FakeDruidOptions {
  /** What `GET /status` says, and where versions differ, which Druid it is. Default `33.0.0`. */
  readonly version?: string | undefined
  /**
   * The cluster: rows of `sys.servers`, or in short `{ role, host, port, leader }`. Default: one
   * Coordinator, Overlord, Broker, Historical, MiddleManager and Router at `druid.test`.
   */
  readonly servers?: readonly ServerInput[] | undefined
  /** What SQL queries are answered: a function, or `[statement, answer]`s, the first that fits. */
  readonly sql?: SqlHandler | readonly SqlRule[] | undefined
  /** What other paths are answered, before the fake's own answers. */
  readonly routes?: Routes | undefined
  /** What stands before Druid, asked first: answers itself like a proxy, or lets by: `undefined`. */
  readonly gate?: FakeGate | undefined
}

/** Asked before anything else: its answer, if it has one, is that of the request. */
export type FakeGate = (
  request: FakeRequest,
) => FakeReply | FakeFault | undefined | Promise<FakeReply | FakeFault | undefined>

/** A Druid in memory. */
export interface FakeDruid {
  /** Of the Router; of the Broker where there is none. */
  readonly url: string
  /** Give it to `connect`. */
  readonly transport: Transport
  /** All requests in the order they came, and what became of them. May be emptied. */
  readonly requests: FakeRequest[]
  /** The SQL queries among them. May be emptied. */
  readonly queries: FakeQuery[]
  /**
   * Ids of queries that the server still works on: it ends one when its result was read to the end,
   * or when it is cancelled; not when its caller goes away.
   */
  readonly running: readonly string[]
  /**
   * What the fake could not answer, as it said in the errors: empty at the end of a good test, also
   * of one whose code catches errors.
   */
  readonly unanswered: readonly string[]
  /** The URL of the first server of a role. */
  urlOf(role: string): string
  /** Another cluster, from now on: a leader that moves, a server that is gone. */
  setServers(servers: readonly ServerInput[]): void
}

const OPTIONS = ['version', 'servers', 'sql', 'routes', 'gate']

/**
 * A Druid without a server, for tests: a transport that answers as Druid does, byte for byte where
 * it can be compared with a real one (33.0.0).
 *
 * @example
 * const fake = fakeDruid({ sql: [['SELECT 1 AS a', [{ a: 1 }]]] })
 * const druid = connect(fake.url, { transport: fake.transport, extensions: [mine] })
 * @throws DruidError `CONFIG` for options that are none; and its requests reject with it where
 * nothing says what to answer.
 */
export function fakeDruid(options: FakeDruidOptions = {}): FakeDruid {
  checkNames(options, OPTIONS, 'fakeDruid')
  const { version = '33.0.0', gate } = options
  if (typeof version !== 'string' || version === '') {
    throw wrongFake('version is a text, e.g. 33.0.0', 'version')
  }
  if (gate !== undefined && typeof gate !== 'function') {
    throw wrongFake('gate is a function of a request', 'gate')
  }
  const routes = routesOf(options.routes)
  const hosts = new Set<string>()
  let servers = withHosts(options.servers ?? USUAL_SERVERS)
  const sql = sqlEndpoint({ answer: sqlHandlerOf(options.sql), servers: () => servers, version })
  const requests: FakeRequest[] = []
  const unanswered: string[] = []

  function withHosts(list: readonly ServerInput[]): Server[] {
    const made = serversOf(list)
    for (const url of made.flatMap(({ urls }) => urls)) hosts.add(url.hostname)
    return made
  }

  async function request(incoming: TransportRequest): Promise<TransportResponse> {
    const { method, url } = incoming
    const attempted = `${method} ${url.origin}${url.pathname}`
    const signal = incoming.signal ?? new AbortController().signal
    if (signal.aborted) throw abortError(signal, attempted)
    const place = serversAt(servers, url)
    if (place === undefined) throw nobodyThere(attempted, url)
    const seen = requestOf(incoming, signal, place)
    requests.push(seen)
    try {
      const made = await answer(seen, place, attempted)
      if (signal.aborted) throw abortError(signal, attempted)
      return response(seen, made, attempted)
    } catch (error) {
      seen.state = 'failed'
      throw noted(error)
    }
  }

  function nobodyThere(attempted: string, { hostname, origin }: URL): DruidError<'CONNECT'> {
    const known = hosts.has(hostname)
    const there = [...new Set(servers.flatMap(({ urls }) => urls.map((one) => one.origin)))]
    const why = known ? 'nothing answers there' : 'the host name is not known'
    const list = there.join(', ')
    return new DruidError(
      'CONNECT',
      `${attempted}: ${why} (fakeDruid has no server at ${origin}, only at ${list})`,
      { reason: known ? 'refused' : 'dns' },
    )
  }

  function answer(seen: OwnRequest, asked: Place, attempted: string): Promise<FakeReply> {
    const givenUp = new Promise<never>((_, reject) => {
      seen.signal.addEventListener('abort', () => reject(abortError(seen.signal, attempted)), {
        once: true,
      })
    })
    // Nobody may be waiting for it.
    givenUp.catch(() => {})
    const how: Answering = {
      attempted,
      signal: seen.signal,
      givenUp,
      data: (json) => druidReply(200, json),
      result: (result, end) => ({
        ...druidReply(200, []),
        body: piecesOf(result, styleOf(seen.body), end),
      }),
    }
    return Promise.race([givenUp, answered(seen, asked, how)])
  }

  async function answered(seen: OwnRequest, asked: Place, how: Answering): Promise<FakeReply> {
    const gated = await called(gate, [seen], how)
    if (gated !== undefined) return replyOf(gated, { ...how, data: noGateReply })
    const place = placeOf(seen, asked, servers)
    if (isReply(place)) return place
    const { path, here } = place
    const roles = here.map(({ role }) => role)
    const served = here.some(({ listed }) => listed) ? servedBy(roles, path) : 'yes'
    if (served === 'no') return notFound(seen)
    const found = routeAt(routes, seen.method, path)
    if (found !== undefined) {
      seen.params = found.params
      const given = await called(found.route.answer, [seen], how)
      if (given !== undefined) return replyOf(given, how)
    }
    const own = ownReply(seen, place, { version, servers, sql, attempted: how.attempted })
    if (own !== undefined) return own
    if (served === 'unknown') return notFound(seen)
    throw wrongFake(
      `no answer for ${seen.method} ${path} (of ${roles.join(', ')})\nAdd one: fakeDruid({ routes: { '${seen.method} ${path}': () => ({}) } }); for a Druid that does not have it: reply({ status: 404 })`,
      'routes',
    )
  }

  function response(seen: OwnRequest, made: FakeReply, attempted: string): TransportResponse {
    const { status, body, trailers } = made
    seen.status = status
    seen.state = 'unread'
    const pieces = typeof body === 'function' ? noting(body()) : once(body)
    const over = (state: FakeRequest['state']): void => {
      seen.state = state
    }
    return {
      status,
      headers: new Headers({
        ...(made.ofDruid && commonHeaders(seen.method, status)),
        ...made.headers,
      }),
      body: fakeBody({ pieces, trailers: trailers ?? (() => ({})), over }, seen, attempted),
    }
  }

  async function* noting(pieces: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
    try {
      yield* pieces
    } catch (error) {
      const why = `the rows of an answer threw: ${messageOf(error)}`
      throw noted(isDruidError(error) ? error : wrongFake(why, 'rows', error))
    }
  }

  /** A mistake of the test, which what it tests may swallow. */
  function noted(error: unknown): unknown {
    if (isDruidError(error, 'CONFIG')) unanswered.push(error.message)
    return error
  }

  function urlOf(role: string): string {
    const url = servers.find((server) => server.role === role && server.urls.length > 0)?.urls[0]
    if (url !== undefined) return url.href.replace(/\/$/, '')
    const roles = [...new Set(servers.map((server) => server.role))].join(', ')
    throw wrongFake(`there is no server of the role "${role}"; there are ${roles}`, 'servers')
  }

  return {
    get url() {
      const roles = servers.map(({ role }) => role)
      return urlOf(['router', 'broker'].find((role) => roles.includes(role)) ?? roles[0] ?? '')
    },
    transport: { name: 'fake', request, async close() {} },
    requests,
    queries: sql.queries,
    get running() {
      return sql.running()
    },
    unanswered,
    urlOf,
    setServers(list) {
      servers = withHosts(list)
    },
  }
}

function requestOf(
  { method, url, headers, body }: TransportRequest,
  signal: AbortSignal,
  { here, path }: Place,
): OwnRequest {
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
  return {
    method,
    path,
    query: url.searchParams,
    url: new URL(url),
    headers: lower,
    body: parsed(body),
    credentials: 'authorization' in lower || 'cookie' in lower,
    server: here[0]?.row.server ?? '',
    roles: here.map(({ role }) => role),
    params: {},
    signal,
    status: undefined,
    state: 'waiting',
  }
}

function parsed(body: string | undefined): unknown {
  if (body === undefined || body === '') return undefined
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}

function noGateReply(): never {
  throw wrongFake(
    'gate answers a reply, e.g. htmlPage(502), or undefined to let the request by',
    'gate',
  )
}

async function* once(
  body: string | Uint8Array,
): AsyncGenerator<string | Uint8Array, void, undefined> {
  yield body
}

/** What Druid's web server adds to everything; headers of the framing are left out. */
function commonHeaders(method: string, status: number): Record<string, string> {
  return {
    ...(method !== 'POST' && {
      'cache-control': 'no-cache, no-store, max-age=0',
      'content-security-policy': "frame-ancestors 'none'",
    }),
    ...(status === 200 && { vary: 'Accept-Encoding, User-Agent' }),
  }
}
