import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { connect, type DruidClient, isDruidError } from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import { type ArrivedRequest, type FaultServer, faultServer, reply } from '@druid/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { type Case, type Marks, type Outcomes, TABLE } from './fault-table.ts'

type Kind = 'sql' | 'raw' | 'native' | 'request'

/** A way to ask. `got`: the rows that came, also before an error. */
interface Verb {
  readonly kind: Kind
  readonly on: string
  run(druid: DruidClient, call: { signal: AbortSignal }, got: unknown[]): Promise<unknown>
}

const ROWS = [
  { page: 'Ærø', added: 1 },
  { page: 'b', added: 2 },
  { page: 'c', added: 3 },
]
const LIMITS = { maxRowBytes: 100_000 }
const DAYS = { dataSource: 'wikipedia', intervals: '2024-01-01/2024-01-04' } as const
const SQL = 'POST /druid/v2/sql'
const NATIVE = 'POST /druid/v2'

const VERBS: Readonly<Record<string, Verb>> = {
  query: {
    kind: 'sql',
    on: SQL,
    run: (druid, call) => druid.query('ROWS', { ...call, ...LIMITS }),
  },
  one: { kind: 'sql', on: SQL, run: (druid, call) => druid.one('ONE', { ...call, ...LIMITS }) },
  maybeOne: {
    kind: 'sql',
    on: SQL,
    run: (druid, call) => druid.maybeOne('ONE', { ...call, ...LIMITS }),
  },
  value: {
    kind: 'sql',
    on: SQL,
    run: (druid, call) => druid.value('VALUE', { ...call, ...LIMITS }),
  },
  stream: {
    kind: 'sql',
    on: SQL,
    async run(druid, call, got) {
      for await (const row of druid.stream('ROWS', { ...call, ...LIMITS })) got.push(row)
      return got
    },
  },
  'stream().batches()': {
    kind: 'sql',
    on: SQL,
    async run(druid, call, got) {
      const batches = druid.stream('ROWS', { ...call, ...LIMITS }).batches()
      for await (const batch of batches) got.push(...batch)
      return got
    },
  },
  'stream().columns()': {
    kind: 'sql',
    on: SQL,
    async run(druid, call, got) {
      const batches = druid.stream('ROWS', { ...call, ...LIMITS }).columns()
      for await (const batch of batches) got.push(...(batch.data.page?.values ?? []))
      return got
    },
  },
  columns: {
    kind: 'sql',
    on: SQL,
    async run(druid, call) {
      const { data } = await druid.columns('ROWS', { ...call, ...LIMITS })
      return Object.values(data).map(({ values }) => [...values])
    },
  },
  raw: {
    kind: 'raw',
    on: SQL,
    async run(druid, call) {
      const options = { ...call, format: 'arrayLines', header: 'types' } as const
      return new Response((await druid.raw('ROWS', options)).body).text()
    },
  },
  native: {
    kind: 'native',
    on: NATIVE,
    run: (druid, call) =>
      druid.native(
        {
          queryType: 'timeseries',
          granularity: 'day',
          aggregations: [{ type: 'stringFirst', name: 'page', fieldName: 'page' }],
          ...DAYS,
        },
        { ...call, ...LIMITS },
      ),
  },
  streamNative: {
    kind: 'native',
    on: NATIVE,
    async run(druid, call, got) {
      const query = { queryType: 'scan', columns: ['page', 'added'], ...DAYS } as const
      for await (const row of druid.streamNative(query, { ...call, ...LIMITS })) got.push(row)
      return got
    },
  },
  request: {
    kind: 'request',
    on: 'GET /druid/coordinator/v1/loadstatus',
    run: (druid, call) => druid.request('GET', '/druid/coordinator/v1/loadstatus', undefined, call),
  },
}

/** Verbs that hand rows out before they know the end. */
const STREAMS = ['stream', 'stream().batches()', 'stream().columns()', 'streamNative']

const TRANSPORTS = { node: () => undefined, fetch: fetchTransport }

const used = new Set<string>()

/** At a port that no server here had before: fetch may still keep a connection to that one. */
async function serverFor(fault: Case['fault']): Promise<FaultServer> {
  const server = await serverAtAnyPort(fault)
  const { port } = new URL(server.url)
  if (!used.has(port)) {
    used.add(port)
    return server
  }
  await server.close()
  return serverFor(fault)
}

function serverAtAnyPort(fault: Case['fault']): Promise<FaultServer> {
  return faultServer({
    roles: ['broker', 'coordinator'],
    ...(typeof fault === 'object' && { tls: fault.tls }),
    sql: [
      ['ROWS', ROWS],
      ['ONE', ROWS.slice(0, 1)],
      ['VALUE', [{ page: 'Ærø' }]],
    ],
    routes: {
      'POST /druid/v2': ({ body }) => nativeResult(body as { queryType: string }),
      'GET /druid/coordinator/v1/loadstatus': { wikipedia: 100, 'other flights': 99.5 },
      // What is left of a query is ended at once.
      'DELETE /druid/v2/*': reply({ status: 202 }),
    },
  })
}

/** As Druid 33 writes them. */
function nativeResult({ queryType }: { readonly queryType: string }): object {
  if (queryType === 'timeseries') {
    return ROWS.map(({ page }, day) => {
      return { timestamp: `2024-01-0${day + 1}T00:00:00.000Z`, result: { page } }
    })
  }
  return [
    {
      segmentId: 'wikipedia_2024',
      columns: ['page', 'added'],
      events: ROWS.map(({ page, added }) => [page, added]),
      rowSignature: [
        { name: 'page', type: 'STRING' },
        { name: 'added', type: 'LONG' },
      ],
    },
  ]
}

/** What a verb gives when nothing goes wrong, and the marks of the body that it is made of. */
async function undisturbed(verb: Verb): Promise<{ value: unknown; marks: Marks }> {
  await using server = await serverFor('down')
  const druid = connect(server.url)
  const value = await verb.run(druid, { signal: AbortSignal.timeout(5_000) }, [])
  const { method, path, body } = server.requests[0] as ArrivedRequest
  const again = await fetch(server.url + path, {
    method,
    ...(body && { body, headers: { 'content-type': 'application/json' } }),
  })
  await druid.close()
  return { value, marks: marksOf(Buffer.from(await again.arrayBuffer())) }
}

function marksOf(body: Buffer): Marks {
  const whole = body.length
  const behind = (text: string, from = 0): number => body.indexOf(text, from) + text.length
  // That an item has ended is known by what comes behind it.
  if (body.includes('"events":[')) {
    const head = behind('"events":[')
    return { head, row: behind('],', head), whole }
  }
  if (body.includes('"timestamp"')) return { head: 1, row: behind('}},'), whole }
  if (!body.includes('\n')) return { head: 1, row: behind(','), whole }
  const head = [1, 2, 3].reduce((from) => behind('\n', from), 0)
  return { head, row: behind('\n', head), whole }
}

const baseline = new Map<string, Awaited<ReturnType<typeof undisturbed>>>()
for (const [name, verb] of Object.entries(VERBS)) baseline.set(name, await undisturbed(verb))

/** An outcome, and the rows that came before it. */
interface Happened {
  readonly outcome: string
  readonly rows?: number
}

/** What becomes of one verb. `said`: the messages of errors. */
async function happens(
  name: string,
  { fault, once, timeout, bound = 10_000 }: Case,
  transport: keyof typeof TRANSPORTS,
  said: string[],
): Promise<Happened> {
  const verb = VERBS[name] as Verb
  const { value, marks } = baseline.get(name) as Awaited<ReturnType<typeof undisturbed>>
  await using server = await serverFor(fault)
  const chosen = TRANSPORTS[transport]()
  const druid = connect(server.url, { timeout, ...(chosen && { transport: chosen }) })
  const call = () => ({ signal: AbortSignal.timeout(bound) })
  if (server.tls) trust(server.tls.ca)
  if (typeof fault === 'function') {
    const faults = fault(marks)
    // Only a connection that was used before can be stale; fetch takes two in turn.
    if ('fault' in faults && faults.fault === 'stale') {
      for (const _ of [1, 2]) await verb.run(druid, call(), [])
    }
    server[once ? 'next' : 'always'](faults, { on: verb.on })
  }
  if (fault === 'down') await server.down()
  const got: unknown[] = []
  const start = performance.now()
  try {
    const found = await verb.run(druid, call(), got)
    if (found === undefined) return { outcome: 'none' }
    return { outcome: same(found, value, typeof fault === 'function' ? fault(marks) : []) }
  } catch (error) {
    said.push(`${name}: ${error}`)
    if (performance.now() - start > bound + 2_000) return { outcome: 'too late' }
    if (!isDruidError(error)) return { outcome: `no DruidError: ${error}` }
    const rows = STREAMS.includes(name)
      ? got.length
      : isDruidError(error, 'TRUNCATED')
        ? error.rows
        : undefined
    return { outcome: error.code, ...(rows !== undefined && { rows }) }
  } finally {
    await druid.close()
  }
}

/** Where bytes were put in or rows of the header taken away, and the verb does not look at them. */
function same(found: unknown, value: unknown, faults: object): string {
  const plain = (one: unknown): string => JSON.stringify(one)
  if (plain(found) === plain(value)) return 'whole'
  const kind = 'fault' in faults ? faults.fault : undefined
  const cleaned = plain(found).replace(/\ufffd|x{1000,}/g, '')
  if (kind === 'insert' && cleaned === plain(value)) return 'whole'
  const lines = String(value).split('\n')
  const isPart = String(found)
    .split('\n')
    .every((line) => lines.includes(line))
  if (kind === 'headerRows' && isPart && String(found).endsWith(lines.slice(3).join('\n'))) {
    return 'whole'
  }
  return `something else: ${plain(found).slice(0, 200)}`
}

const trusted = [...getCACertificates('default')]
function trust(ca: string): void {
  trusted.push(ca)
  setDefaultCACertificates(trusted)
}
afterAll(() => setDefaultCACertificates(getCACertificates('bundled')))

function expected(name: string, one: Case, transport: keyof typeof TRANSPORTS): Happened {
  const { kind } = VERBS[name] as Verb
  const of: Readonly<Record<Kind, Outcomes>> = {
    sql: one.sql,
    raw: one.raw ?? one.sql,
    native: one.native ?? one.sql,
    request: one.request,
  }
  const outcomes = (name === 'value' ? one.value : undefined) ?? of[kind]
  const outcome = typeof outcomes === 'string' ? outcomes : outcomes[transport]
  const counted = outcome === 'TRUNCATED' && kind !== 'request'
  const streams = STREAMS.includes(name) && outcome !== 'whole'
  if (!counted && !streams) return { outcome }
  const all = ['one', 'maybeOne', 'value'].includes(name) ? 1 : ROWS.length
  const unended = one.rows === 'last' && name === 'native' ? 1 : 0
  const rows = typeof one.rows === 'string' ? all - unended : (one.rows ?? 0)
  return { outcome, rows: kind === 'raw' ? 0 : rows }
}

describe.each(Object.entries(TABLE))('%s', (_, cases) => {
  describe.each(['node', 'fetch'] as const)('over %s', (transport) => {
    it.each(cases.map((one) => [one.what, one] as const))('%s', async (_, one) => {
      const names = Object.keys(VERBS)
      const said: string[] = []
      const found = await Promise.all(names.map((name) => happens(name, one, transport, said)))
      const happened = Object.fromEntries(names.map((name, i) => [name, found[i]]))
      expect(happened, said.join('\n')).toEqual(
        Object.fromEntries(names.map((name) => [name, expected(name, one, transport)])),
      )
    })
  })
})
