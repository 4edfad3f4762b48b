import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TlsOptions as ServerOptions } from 'node:tls'
import { inspect } from 'node:util'
import { type ConnectOptions, connect, sql } from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { certificates } from '../../../testing/src/fault/certificate.ts'
import { arrayLines, beginResult, headerRows } from './reply.ts'
import { deadUrl, serve } from './server.ts'

const PASSWORD = 'p4ssw0rd-of-the-user'
const TOKEN = 't0ken-of-the-user'
const API_KEY = 'k3y-of-the-application'
const PARAMETER = 'v4lue-of-a-parameter'
const PASSPHRASE = 'p4ssphrase-of-the-key'
const PROXY = 'p4ssw0rd-of-the-proxy'

type Options = Omit<ConnectOptions, 'extensions' | 'discovered' | 'values'>
type Druid = ReturnType<typeof connect>
type Call = () => Promise<unknown>

const KINDS = ['request', 'response', 'retry', 'error', 'end'] as const
const HEAD = headerRows([['n', 'LONG', 'BIGINT']])
const ONE = arrayLines([['n', 'LONG', 'BIGINT']], '[1]')

let trusted: Awaited<ReturnType<typeof certificates>>
let other: typeof trusted
/** All that must not be seen, as it is and as it travels. */
let secrets: readonly string[] = []
beforeAll(async () => {
  ;[trusted, other] = await Promise.all([certificates('trusted'), certificates('trusted')])
  const lines = [trusted, other].flatMap(linesOf)
  secrets = [
    ...[PASSWORD, TOKEN, API_KEY, PARAMETER, PASSPHRASE, PROXY].flatMap((secret) => [
      secret,
      base64(secret),
    ]),
    ...[`admin:${PASSWORD}`, `admin:${PROXY}`].map(base64),
    ...lines,
  ]
  expect(lines.length).toBeGreaterThan(3)
})

/** Of the client's key. */
function linesOf({ files: { key } }: typeof trusted): string[] {
  return key.split(/\s*\n/).filter((line) => line !== '' && !line.startsWith('-----'))
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64').replace(/=+$/, '')
}

/** The ways in which a value may be shown. */
const SHOWN: readonly [string, (value: unknown) => string | undefined][] = [
  ['inspect', (value) => inspect(value, { depth: 20, showHidden: true, getters: true })],
  ['toString', String],
  ['toJSON', (value) => JSON.stringify(value)],
  ['stack', (value) => (value instanceof Error ? value.stack : undefined)],
  ['message', (value) => (value instanceof Error ? value.message : undefined)],
]

function leaks(values: readonly unknown[]): string[] {
  return values.flatMap((value, i) =>
    SHOWN.flatMap(([way, show]) => {
      let text: string | undefined
      try {
        text = show(value)
      } catch {
        // What cannot be shown in this way, such as a circle as JSON, shows nothing.
      }
      return secrets
        .filter((secret) => text?.includes(secret))
        .map((secret) => `${i} by ${way}: ${secret}`)
    }),
  )
}

/** Everything that anybody but the server gets to see. */
interface Seen {
  /** What calls ended with: errors, and results. */
  readonly outcomes: unknown[]
  /** Spans, lines, events and warnings. */
  readonly observed: unknown[]
}

/** Runs calls on a connection on which everything is observed. */
async function observing(
  url: string,
  options: Options,
  calls: (druid: Druid) => readonly Call[],
): Promise<Seen> {
  const observed: unknown[] = []
  const keep = (...seen: unknown[]): void => void observed.push(...seen)
  const exporter = new InMemorySpanExporter()
  const spanProcessors = [new SimpleSpanProcessor(exporter)]
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(keep as () => void)
  const printed = (['debug', 'info', 'log', 'warn', 'error'] as const).map((level) =>
    vi.spyOn(console, level).mockImplementation(keep),
  )
  const outcomes: unknown[] = []
  for (const kind of KINDS) subscribe(`druid:${kind}`, keep)
  try {
    const druid = connect(url, {
      tracer: new BasicTracerProvider({ spanProcessors }).getTracer('app'),
      hooks: Object.fromEntries(KINDS.map((kind) => [kind, keep])),
      log: console,
      ...options,
    })
    outcomes.push(druid)
    for (const settled of await Promise.allSettled(calls(druid).map(async (call) => call()))) {
      outcomes.push(settled.status === 'fulfilled' ? settled.value : settled.reason)
    }
    await druid.close()
  } catch (error) {
    outcomes.push(error)
  } finally {
    for (const kind of KINDS) unsubscribe(`druid:${kind}`, keep)
    warned.mockRestore()
    for (const one of printed) one.mockRestore()
  }
  // Not whole: each knows its exporter, and that all of them.
  const spans = exporter
    .getFinishedSpans()
    .map(({ name, attributes, events, status, links, resource }) => {
      return { name, attributes, events, status, links, resource: resource.attributes }
    })
  return { outcomes, observed: [...observed, ...spans] }
}

/** Every verb, with a parameter, and with headers of its own. */
function everyVerb(druid: Druid): Call[] {
  const statement = sql`SELECT n FROM t WHERE a = ${PARAMETER} AND b IN (${sql.list([PARAMETER])})`
  const options = { headers: { 'x-own-key': API_KEY } }
  const read = async (): Promise<unknown[]> => {
    const rows: unknown[] = []
    for await (const row of druid.stream(statement, options)) rows.push(row)
    return rows
  }
  const leave = async (): Promise<void> => {
    for await (const _ of druid.stream(statement, options)) break
  }
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 10)
  return [
    async () => druid.query(statement, options),
    async () => druid.one(statement, options),
    async () => druid.value(statement, options),
    async () => druid.columns(statement, options),
    async () => druid.raw(statement, options).then(({ body }) => new Response(body).text()),
    async () => druid.explain(statement, options),
    async () => read(),
    async () => leave(),
    async () => druid.query(statement, { ...options, signal: stop.signal }),
    async () => druid.query(statement, { ...options, timeout: 10 }),
    async () => druid.query(statement, { ...options, maxRows: 0 }),
    async () =>
      druid.query(sql`SELECT ${PARAMETER}, ${sql.typed('BIGINT', `${PARAMETER}` as never)}`),
    async () => druid.query(sql`SELECT ${`${PARAMETER}\ud800`}`),
    async () => druid.query(statement, { context: { circle: circle() } as never }),
    async () =>
      druid.request('POST', '/druid/v2/sql/task', { query: 'x', parameters: [PARAMETER] }, options),
    async () => druid.request('GET', `/x?token=${TOKEN}`, undefined, options),
    async () => druid.request('GET', `http://admin:${PASSWORD}@elsewhere/`, undefined, options),
    async () => druid.with({ headers: { authorization: `Bearer ${TOKEN}` } }).query(statement),
    async () => druid.cancel('an-id', options),
    async () => druid.version(options),
  ]
}

/** It has no parameters: its text holds its values. */
function nativeQuery(druid: Druid): Call {
  return () =>
    druid.native({
      queryType: 'timeseries',
      dataSource: 't',
      intervals: ['2000/2001'],
      granularity: 'all',
      filter: { type: 'selector', dimension: 'a', value: PARAMETER },
    })
}

function circle(): object {
  const value: { value: string; self?: object } = { value: PARAMETER }
  value.self = value
  return value
}

const CREDENTIALS: readonly [string, Options][] = [
  ['a password', { auth: { user: 'admin', password: PASSWORD } }],
  ['a token', { auth: { token: TOKEN } }],
  ['a token provider', { auth: { token: () => TOKEN } }],
  ['a function', { auth: () => ({ authorization: `Bearer ${TOKEN}`, cookie: `it=${TOKEN}` }) }],
]

type Reply = Parameters<typeof serve>[0]
const REPLIES: readonly [string, Reply][] = [
  ['answers', ({ path }, response) => response.end(path.startsWith('/druid/v2/sql') ? ONE : '{}')],
  ['refuses who calls', (_, response) => response.writeHead(401).end('{"error":"Unauthorized"}')],
  ['forbids', (_, response) => response.writeHead(403).end()],
  ['fails', (_, response) => response.writeHead(500).end('{"error":"Unknown exception"}')],
  ['is busy', (_, response) => response.writeHead(503, { 'retry-after': '0' }).end()],
  ['has too much to do', (_, response) => response.writeHead(429).end('{}')],
  ['leads elsewhere', (_, response) => response.writeHead(307, { location: 'http://x/' }).end()],
  ['sends a page', (_, response) => response.end('<html><body>Sign in</body></html>')],
  ['cuts the connection', (_, response) => response.socket?.destroy()],
  [
    'breaks off',
    (_, response) => {
      beginResult(response)
      response.end(`${HEAD}[1]\n`)
    },
  ],
  [
    'breaks off and cuts the connection',
    (_, response) => {
      beginResult(response)
      response.write(`${HEAD}[1]\n`, () => response.socket?.destroy())
    },
  ],
]

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
] as const)('nobody is shown a secret, over %s', (_name, transport) => {
  const cases = CREDENTIALS.flatMap(([who, auth]) =>
    REPLIES.map(([what, reply]) => ({ who, auth, what, reply })),
  )
  it.each(cases)('with $who, where the server $what', async ({ who, auth, reply }) => {
    await using server = await serve(reply)
    // Once is enough to see what else the text brings.
    for (const observeText of who === 'a password' ? [false, true] : [false]) {
      const headers = { 'x-api-key': API_KEY }
      const retry = { attempts: 2, within: 5_000 }
      const options = { ...auth, headers, retry, observeText, transport }
      const { outcomes, observed } = await observing(server.url, options, (druid) => [
        ...everyVerb(druid),
        ...(observeText ? [] : [nativeQuery(druid)]),
      ])
      expect(outcomes.length).toBeGreaterThan(20)
      expect(observed.length).toBeGreaterThan(100)
      expect(leaks(outcomes)).toEqual([])
      expect(leaks(observed)).toEqual([])
    }
    // They were there to be found.
    const sent = server.arrived.map(({ headers, body }) => `${JSON.stringify(headers)} ${body}`)
    expect(sent.some((text) => text.includes(PARAMETER))).toBe(true)
    for (const text of sent) expect(text).toContain(API_KEY)
    for (const text of sent)
      expect([TOKEN, base64(`admin:${PASSWORD}`)].some((it) => text.includes(it))).toBe(true)
  })

  it.each(CREDENTIALS)('with %s, where nothing listens', async (_, auth) => {
    const options = { ...auth, headers: { 'x-api-key': API_KEY }, retry: false, transport } as const
    const url = (await deadUrl()).replace('//', `//admin:${PASSWORD}@`)
    const { outcomes, observed } = await observing(url, options, everyVerb)
    expect(observed.length).toBeGreaterThan(50)
    expect(leaks([...outcomes, ...observed])).toEqual([])
  })

  it('when the connection is closed while calls run', async () => {
    await using server = await serve(({ method }, response) => {
      if (method === 'DELETE') response.writeHead(202).end()
    })
    const options = { auth: { token: TOKEN }, headers: { 'x-api-key': API_KEY }, transport }
    const { outcomes, observed } = await observing(server.url, options, (druid) => {
      setTimeout(() => void druid.close(), 50)
      return everyVerb(druid)
    })
    expect(outcomes.filter((it) => Object(it).code === 'CLOSED').length).toBeGreaterThan(5)
    expect(leaks([...outcomes, ...observed])).toEqual([])
  })

  it('by observers, though Druid quotes it to the caller', async () => {
    const why = `Cannot parse [${PARAMETER}]`
    await using server = await serve((_, response) => {
      const error = { error: 'druidException', category: 'INVALID_INPUT', persona: 'USER' }
      const body = { ...error, errorCode: 'invalidInput', errorMessage: why }
      response.writeHead(400).end(JSON.stringify(body))
    })
    const query = (druid: Druid): Call[] => [() => druid.query(sql`SELECT ${PARAMETER}`)]
    const { outcomes, observed } = await observing(server.url, { transport }, query)
    expect(outcomes.at(-1)).toMatchObject({ code: 'INVALID_INPUT' })
    expect(leaks(outcomes).length).toBeGreaterThan(0)
    expect(observed.length).toBeGreaterThan(5)
    expect(leaks(observed)).toEqual([])
  })
})

describe('nobody is shown the key of the client', () => {
  /** A server that knows only those of its own authority, and answers nobody else. */
  async function secure(
    options: ServerOptions,
  ): Promise<AsyncDisposable & { readonly url: string }> {
    const server = createServer(options, (_, response) => response.writeHead(401).end())
    server.on('tlsClientError', () => {})
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    return {
      url: `https://127.0.0.1:${port}`,
      async [Symbol.asyncDispose]() {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      },
    }
  }
  const auth = { user: 'admin', password: PASSWORD }

  it.each<[string, () => NonNullable<Options['tls']>]>([
    ['that it knows', () => ({ ...trusted.files })],
    ['that it does not know', () => ({ ...other.files, ca: trusted.files.ca })],
    ['and does not trust the server', () => ({ ...other.files })],
    ['that is asked for', () => ({ ...trusted.files, key: () => trusted.files.key })],
    ['of another certificate', () => ({ ...trusted.files, key: other.files.key })],
    ['that is none', () => ({ ...trusted.files, key: PASSPHRASE })],
    ['with a passphrase that it has not', () => ({ ...trusted.files, passphrase: PASSPHRASE })],
    ['that cannot be got', () => ({ ...trusted.files, key: () => PASSPHRASE })],
    ['by a server of another name', () => ({ ...trusted.files, servername: 'druid.example' })],
  ])('%s', async (_, tls) => {
    await using server = await secure({
      ...trusted.server,
      ca: trusted.files.ca,
      requestCert: true,
    })
    const options = { auth, tls: tls(), retry: false } as const
    const { outcomes, observed } = await observing(server.url, options, everyVerb)
    expect(outcomes.length + observed.length).toBeGreaterThan(0)
    expect(outcomes.some((outcome) => outcome instanceof Error)).toBe(true)
    expect(leaks([...outcomes, ...observed])).toEqual([])
  })

  it('nor the password of a proxy', async () => {
    const proxy = (await deadUrl()).replace('//', `//admin:${PROXY}@`)
    const options = { auth, proxy, retry: false } as const
    const { outcomes, observed } = await observing('http://druid:8888', options, everyVerb)
    expect(observed.length).toBeGreaterThan(50)
    expect(leaks([...outcomes, ...observed])).toEqual([])
  })
})

it('the search finds what is hidden', () => {
  const cause = Object.assign(new Error('why'), { config: { headers: { authorization: TOKEN } } })
  const hiding = new Error('it failed')
  Object.defineProperty(hiding, 'password', { value: PASSWORD })
  const found = [
    new Error('it failed', { cause }),
    hiding,
    new Error(`it failed with ${PARAMETER}`),
    { toJSON: () => PARAMETER },
    [{ headers: new Headers({ authorization: `Basic ${base64(`admin:${PROXY}`)}` }) }],
    new Map([[linesOf(trusted)[0], 1]]),
  ]
  for (const value of found) expect(leaks([value])).not.toEqual([])
  expect(leaks([new Error('it failed')])).toEqual([])
})
