import { connect } from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import {
  type DruidErrorSpec,
  druidError,
  fakeDruid,
  type LegacyErrorSpec,
  legacyError,
  noAnswer,
  type ServerRow,
  type SqlAnswer,
  truncated,
} from '@druid/testing'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { fromFake, fromReal, type Got, type Sent } from './both.ts'

/**
 * The fake is told what the tables hold, and must write the very bytes, headers and trailers that
 * Druid writes. Only framing and clock are left out of the comparison.
 */
const router = inject('druidUrl')
const broker = inject('brokerUrl')
let rows: readonly ServerRow[]

beforeAll(async () => {
  await using druid = connect(router, { transport: fetchTransport() })
  rows = [...(await druid.query('SELECT * FROM sys.servers'))] as unknown as ServerRow[]
})

const FORMATS = ['object', 'array', 'objectLines', 'arrayLines', 'csv']
const HEADERS = [
  {},
  { header: true },
  { header: true, typesHeader: true },
  { header: true, sqlTypesHeader: true },
  { header: true, typesHeader: true, sqlTypesHeader: true },
]
const ALL_HEADERS = HEADERS.at(-1) as object
const STYLES = FORMATS.flatMap((resultFormat) => HEADERS.map((head) => ({ resultFormat, ...head })))

function sqlTo(base: string, query: string, more: object = {}, context: object = {}): Sent {
  const body = { query, ...more, context: { sqlQueryId: 'the-id', ...context } }
  return { method: 'POST', url: `${base}/druid/v2/sql`, body }
}

const fakeWith = (query: string, answer: SqlAnswer) =>
  fakeDruid({ servers: rows, sql: [[query, answer]] })

/** Statement, the answer as a test would write it, and context. */
const RESULTS: readonly [what: string, sql: string, answer: SqlAnswer, context?: object][] = [
  [
    'values of every type',
    `SELECT CAST('a"b,c' AS VARCHAR) AS s, 'fix' AS c, CAST(9007199254740993 AS BIGINT) AS l, 1 AS i, CAST(1.5 AS DOUBLE) AS d, 2.5 AS dc, CAST(0.1 AS FLOAT) AS f, TIMESTAMP '2024-01-02 03:04:05' AS t, DATE '2024-01-02' AS dt, TRUE AS b, ARRAY['x', NULL, 'ü"'] AS a, ARRAY[1, 2] AS la, ARRAY[1.5, 2e10] AS da, ARRAY[TRUE, FALSE] AS ba, PARSE_JSON('{"k":[1,"é",null],"d":1.5}') AS j, CAST(NULL AS VARCHAR) AS n, NULL AS nn, CAST(NULL AS BIGINT) AS nl, CAST(NULL AS DOUBLE) AS nd, CAST(NULL AS BOOLEAN) AS nb`,
    {
      columns: {
        s: 'VARCHAR',
        c: 'CHAR',
        l: 'BIGINT',
        i: 'INTEGER',
        d: 'DOUBLE',
        dc: 'DECIMAL',
        f: 'FLOAT',
        t: 'TIMESTAMP',
        dt: 'DATE',
        b: 'BOOLEAN',
        a: 'ARRAY<STRING>',
        la: 'ARRAY<LONG>',
        da: 'ARRAY<DOUBLE>',
        ba: 'ARRAY<LONG>',
        j: 'COMPLEX<json>',
        n: 'VARCHAR',
        nn: 'NULL',
        nl: 'BIGINT',
        nd: 'DOUBLE',
        nb: 'BOOLEAN',
      },
      rows: [
        {
          s: 'a"b,c',
          c: 'fix',
          l: 9007199254740993n,
          i: 1,
          d: 1.5,
          dc: 2.5,
          f: 0.1,
          t: new Date('2024-01-02T03:04:05Z'),
          dt: '2024-01-02T00:00:00Z',
          b: true,
          a: ['x', null, 'ü"'],
          la: [1, 2],
          da: [1.5, 2e10],
          ba: [true, false],
          j: { k: [1, 'é', null], d: 1.5 },
        },
      ],
    },
  ],
  [
    'the types that it sees in plain rows',
    `SELECT CAST('x' AS VARCHAR) AS s, CAST(7 AS BIGINT) AS l, CAST(0.5 AS DOUBLE) AS d, TRUE AS b, MILLIS_TO_TIMESTAMP(CAST(0 AS BIGINT)) AS t, ARRAY['p', 'q'] AS a, ARRAY[3] AS la, PARSE_JSON('{"k":1}') AS j, CAST(NULL AS VARCHAR) AS n`,
    [
      {
        s: 'x',
        l: 7,
        d: 0.5,
        b: true,
        t: new Date(0),
        a: ['p', 'q'],
        la: [3],
        j: { k: 1 },
        n: null,
      },
    ],
  ],
  [
    'no rows',
    'SELECT TABLE_NAME, IS_JOINABLE FROM INFORMATION_SCHEMA.TABLES WHERE 1 = 0',
    { columns: { TABLE_NAME: 'VARCHAR', IS_JOINABLE: 'VARCHAR' }, rows: [] },
  ],
  [
    'one column of texts, with what CSV must quote',
    `SELECT * FROM (VALUES ('x'), (CAST(NULL AS VARCHAR)), (''), ('y
z'), ('q"q'), (' a ')) AS v(c)`,
    [{ c: 'x' }, { c: null }, { c: '' }, { c: 'y\nz' }, { c: 'q"q' }, { c: ' a ' }],
  ],
  [
    'control characters',
    String.raw`SELECT CAST(U&'a\0001\0008\0009\000a\000c\000d\001f\007f\2028\00e9/\005c' AS VARCHAR) AS s`,
    [{ s: 'a\u0001\b\t\n\f\r\u001f\u007f\u2028é/\\' }],
  ],
  [
    'several rows with nulls',
    `SELECT * FROM (VALUES ('x', 1), (CAST(NULL AS VARCHAR), CAST(NULL AS BIGINT)), ('', 3)) AS v(c, d)`,
    [
      { c: 'x', d: 1 },
      { c: null, d: null },
      { c: '', d: 3 },
    ],
  ],
  [
    'columns of one name, and names like numbers',
    'SELECT 1 AS a, 2 AS a, 3 AS "1"',
    {
      columns: [
        { name: 'a', sqlType: 'INTEGER' },
        { name: 'a', sqlType: 'INTEGER' },
        { name: '1', sqlType: 'INTEGER' },
      ],
      rows: [[1, 2, 3]],
    },
  ],
  [
    'doubles',
    'SELECT * FROM (VALUES (1e0), (1e7), (12345678.9e0), (1e-3), (1e-4), (1.5e300), (0e0), (-2.5e-10), (123456789012345680e0), (9999999e0), (0.3e0), (100e0), (1e21), (-1.25e0)) AS v(d)',
    {
      columns: { d: 'DOUBLE' },
      rows: [
        1, 1e7, 12345678.9, 1e-3, 1e-4, 1.5e300, 0, -2.5e-10, 123456789012345680, 9999999, 0.3, 100,
        1e21, -1.25,
      ].map((d) => ({ d })),
    },
  ],
  [
    'floats',
    'SELECT CAST(d AS FLOAT) AS f FROM (VALUES (1e0), (1e7), (12345678.9e0), (1e-3), (1e-4), (0e0), (0.1e0), (16777217e0), (3.4e38)) AS v(d)',
    {
      columns: { f: 'FLOAT' },
      rows: [1, 1e7, 12345678.9, 1e-3, 1e-4, 0, 0.1, 16777217, 3.4e38].map((f) => ({ f })),
    },
  ],
  [
    'the greatest integers',
    'SELECT * FROM (VALUES (CAST(9223372036854775807 AS BIGINT)), (-9223372036854775807)) AS v(l)',
    [{ l: 9223372036854775807n }, { l: -9223372036854775807n }],
  ],
  [
    'times in a zone',
    "SELECT TIMESTAMP '2024-07-02 03:04:05.678' AS t, MILLIS_TO_TIMESTAMP(CAST(0 AS BIGINT)) AS m",
    [{ t: new Date('2024-07-02T10:04:05.678Z'), m: new Date(0) }],
    { sqlTimeZone: 'America/Los_Angeles' },
  ],
  [
    'times at an offset',
    "SELECT TIMESTAMP '2024-07-02 03:04:05.678' AS t",
    [{ t: new Date('2024-07-01T21:34:05.678Z') }],
    { sqlTimeZone: '+05:30' },
  ],
  [
    'arrays as arrays',
    `SELECT ARRAY['x', NULL, 'ü"'] AS a, ARRAY[1, 2] AS b, ARRAY[1.5, 1e10] AS c, PARSE_JSON('{"k":1}') AS j`,
    {
      columns: { a: 'ARRAY<STRING>', b: 'ARRAY<LONG>', c: 'ARRAY<DOUBLE>', j: 'COMPLEX<json>' },
      rows: [{ a: ['x', null, 'ü"'], b: [1, 2], c: [1.5, 1e10], j: { k: 1 } }],
    },
    { sqlStringifyArrays: false },
  ],
  [
    'nested values of every kind',
    `SELECT PARSE_JSON('[1,{"a":null}]') AS j, PARSE_JSON('"x"') AS s, PARSE_JSON('5') AS n, PARSE_JSON('null') AS z, PARSE_JSON('9007199254740993') AS big, PARSE_JSON('{"x":1e-7}') AS e`,
    {
      columns: Object.fromEntries(
        ['j', 's', 'n', 'z', 'big', 'e'].map((n) => [n, 'COMPLEX<json>']),
      ),
      rows: [
        { j: [1, { a: null }], s: 'x', n: 5, z: null, big: 9007199254740993n, e: { x: 1e-7 } },
      ],
    },
  ],
  [
    'sketches',
    "SELECT DS_HLL(x) AS h FROM (VALUES ('a'), ('b')) AS v(x)",
    { columns: { h: 'COMPLEX<HLLSketch>' }, rows: [{ h: 'AgEHDAMIAgDhUv8P5RCeBg==' }] },
  ],
  [
    'multi-value strings',
    "SELECT STRING_TO_MV('a,b', ',') AS m, STRING_TO_MV('a', ',') AS n FROM flights LIMIT 1",
    [{ m: 'x', n: 'y' }].map(() => ({ m: '["a","b"]', n: 'a' })),
  ],
  [
    'no more rows than sqlOuterLimit',
    'SELECT * FROM (VALUES (CAST(1 AS BIGINT)), (2), (3)) AS v(x)',
    [{ x: 1 }, { x: 2 }, { x: 3 }],
    { sqlOuterLimit: 2 },
  ],
]

describe.each([
  ['Router', router],
  ['Broker', broker],
])('the fake writes what the %s writes:', (_, base) => {
  it.each(RESULTS)('%s', async (_what, query, answer, context = {}) => {
    for (const style of STYLES) {
      const sent = sqlTo(base, query, style, context)
      const real = await fromReal(sent)
      expect(real.status, real.body).toBe(200)
      expect(await fromFake(fakeWith(query, answer), sent), JSON.stringify(style)).toEqual(real)
    }
  })

  it('takes the name of a format in any case', async () => {
    const sent = sqlTo(base, 'SELECT 1 AS a', { resultFormat: 'ARRAYLINES' })
    const fake = fakeWith('SELECT 1 AS a', [{ a: 1 }])
    expect(await fromFake(fake, sent)).toEqual(await fromReal(sent))
  })

  it.each([
    ['a statement that cannot be parsed', 'SELECT 1 +'],
    ['a keyword out of place', 'SELECT FROM'],
    ['an unknown table', 'SELECT * FROM nowhere'],
    ['an unknown column', 'SELECT nothing FROM sys.servers'],
    ['what only tasks can do', 'INSERT INTO foo SELECT 1 PARTITIONED BY ALL'],
  ])('the error for %s', async (_what, query) => {
    for (const head of [{}, ALL_HEADERS]) {
      const sent = sqlTo(base, query, head)
      const real = await fromReal(sent)
      // Only what a test says of an error: all else is the fake's.
      const { category, errorMessage, context } = JSON.parse(real.body) as DruidErrorSpec
      const fake = fakeWith(query, druidError({ category, errorMessage, context }))
      expect(await fromFake(fake, sent)).toEqual(real)
    }
  })

  it.each([
    ['no query', {}],
    ['a query that is null', { query: null }],
    ['types without a header', { query: 'SELECT 1', typesHeader: true }],
    ['SQL types without a header', { query: 'SELECT 1', sqlTypesHeader: true }],
    ['an unknown format', { query: 'SELECT 1', resultFormat: 'xml' }],
  ])('the refusal of a body with %s', async (_what, body) => {
    const sent = { method: 'POST', url: `${base}/druid/v2/sql`, body }
    const real = await fromReal(sent)
    const fake = await fromFake(fakeDruid({ servers: rows }), sent)
    // Where in the text, only the Router says.
    const place = /\\n at \[Source:.*?column: \d+\](?: \(through reference chain: [^)]*\))?/
    expect(fake).toEqual({ ...real, body: real.body.replace(place, '') })
  })

  it.each([undefined, 'text/plain'])('415 for the content type %s', async (type) => {
    const headers = { accept: 'application/json', ...(type && { 'content-type': type }) }
    const sent = { ...sqlTo(base, 'SELECT 1'), headers }
    expect(await fromFake(fakeDruid({ servers: rows }), sent)).toEqual(await fromReal(sent))
  })

  it('an error of the older kind: a query that takes too long', async () => {
    const sent = sqlTo(base, SLOW, ALL_HEADERS, { timeout: 1_000 })
    const real = await fromReal(sent)
    expect(real.status).toBe(504)
    const { error, errorMessage, host } = JSON.parse(real.body) as LegacyErrorSpec
    const fake = fakeWith(SLOW, legacyError({ error, errorMessage, host }))
    expect(await fromFake(fake, sent)).toEqual(real)
  })

  it('cancelling: 202, a query that ends with an error, and 404 from then on', async () => {
    const sent = sqlTo(base, SLOW, {}, { timeout: 20_000 })
    const cancel = { method: 'DELETE', url: `${base}/druid/v2/sql/the-id` }
    const replies = async (send: (sent: Sent) => Promise<Got>, wait: number): Promise<Got[]> => {
      const running = send(sent)
      await new Promise((resolve) => setTimeout(resolve, wait))
      return [await send(cancel), await running, await send(cancel)]
    }
    const fake = fakeWith(SLOW, noAnswer())
    const real = await replies(fromReal, 2_000)
    expect(real.map(({ status }) => status)).toEqual([202, 500, 404])
    const host = (JSON.parse(real[1]?.body ?? '') as { host: string }).host
    const mine = await replies((one) => fromFake(fake, one), 20)
    expect(mine.map((one) => one.body.replaceAll('null', JSON.stringify(host)))).toEqual(
      real.map((one) => one.body),
    )
    const heads = ({ status, headers, trailers }: Got) => ({ status, headers, trailers })
    expect(mine.map(heads)).toEqual(real.map(heads))
  })
})

/** Runs for many seconds before its first row. */
const SLOW =
  'SELECT SUM(a.delay * b.delay) FROM flights a JOIN flights b ON a.destination = b.origin JOIN flights c ON b.destination = c.origin'
/** Some 2.7 million rows: the timeout comes while they are sent. */
const LATE_FAILURE =
  'SELECT a.origin, a.destination, a.delay, b.destination AS onward, b.distance FROM flights a, flights b WHERE a.destination = b.origin'

describe('a result that breaks off', () => {
  it.each(FORMATS)('ends as one of Druid does, as %s', async (resultFormat) => {
    const row = { origin: 'A', destination: 'B', delay: 1, onward: 'C', distance: 2 }
    const answer = truncated([row, row, row], { after: 2, reason: 'too late' })
    for (const base of [broker, router]) {
      const sent = sqlTo(base, LATE_FAILURE, { resultFormat, header: true }, { timeout: 1_500 })
      const real = await fromReal(sent)
      const fake = await fromFake(fakeWith(LATE_FAILURE, answer), sent)
      expect({ status: fake.status, headers: fake.headers }).toEqual({
        status: real.status,
        headers: real.headers,
      })
      expect(fake.trailers).toEqual({
        ...real.trailers,
        ...('x-error-message' in real.trailers && { 'x-error-message': 'too late' }),
      })
      const end = resultFormat === 'csv' ? /[^\n]\n$/ : /[\]}]$/
      expect(real.body.slice(-20)).toMatch(end)
      expect(fake.body).toMatch(end)
    }
  })
})

describe('what every server answers', () => {
  const urlOf = (role: string): string =>
    `http://${rows.find((row) => row.server_type === role)?.server}`

  it.each(['router', 'broker', 'coordinator', 'historical', 'indexer'])('by %s', async (role) => {
    const fake = fakeDruid({ servers: rows })
    for (const path of ['/status/health', '/status/selfDiscovered/status']) {
      const sent = { method: 'GET', url: `${urlOf(role)}${path}` }
      expect(await fromFake(fake, sent)).toEqual(await fromReal(sent))
    }
  })

  it('GET /status has the same shape', async () => {
    const sent = { method: 'GET', url: `${router}/status` }
    const [fake, real] = [await fromFake(fakeDruid({ servers: rows }), sent), await fromReal(sent)]
    expect(fake.headers).toEqual(real.headers)
    const typesOf = (value: object): object =>
      Object.fromEntries(Object.entries(value).map(([key, one]) => [key, typeof one]))
    const [mine, its] = [JSON.parse(fake.body), JSON.parse(real.body)]
    expect(Object.keys(mine)).toEqual(Object.keys(its))
    expect(typesOf(mine)).toEqual(typesOf(its))
    expect(Object.keys(mine.memory)).toEqual(Object.keys(its.memory))
    expect(typesOf(mine.memory)).toEqual(typesOf(its.memory))
    expect(mine.version).toBe(its.version)
    expect(Array.isArray(mine.modules)).toBe(true)
  })

  it('who leads', async () => {
    const fake = fakeDruid({ servers: rows })
    for (const role of ['router', 'coordinator', 'overlord', 'broker']) {
      for (const path of [
        'coordinator/v1/leader',
        'coordinator/v1/isLeader',
        'indexer/v1/leader',
        'indexer/v1/isLeader',
        'router/v1/brokers',
      ]) {
        const sent = { method: 'GET', url: `${urlOf(role)}/druid/${path}` }
        expect(normal(await fromFake(fake, sent)), sent.url).toEqual(normal(await fromReal(sent)))
      }
    }
    const proxied = { method: 'GET', url: `${router}/proxy/overlord/status/health` }
    expect(await fromFake(fake, proxied)).toEqual(await fromReal(proxied))
    const nowhere = { method: 'GET', url: `${router}/proxy/nowhere/x` }
    expect(await fromFake(fake, nowhere)).toEqual(await fromReal(nowhere))
  })

  it.each(['application/json', '*/*'])(
    '404 for paths that it does not have, as %s',
    async (accept) => {
      const fake = fakeDruid({ servers: rows })
      for (const role of ['router', 'broker', 'coordinator', 'overlord', 'historical', 'indexer']) {
        for (const path of [
          '/nothing',
          '/druid/nothing',
          '/nothing?a=b',
          '/talaria/v1/tasks',
          ...foreign(role),
        ]) {
          const sent = { method: 'GET', url: `${urlOf(role)}${path}`, headers: { accept } }
          expect(normal(await fromFake(fake, sent)), sent.url).toEqual(normal(await fromReal(sent)))
        }
      }
      expect(fake.unanswered).toEqual([])
    },
  )

  it('405 for methods that its paths do not have', async () => {
    const fake = fakeDruid({ servers: rows })
    for (const base of [router, broker]) {
      for (const [method, path, body] of [
        ['GET', '/druid/v2/sql'],
        ['PUT', '/druid/v2/sql', '{}'],
        ['DELETE', '/druid/v2/sql'],
        ['POST', '/status', '{}'],
      ] as const) {
        const sent = { method, url: `${base}${path}`, body }
        expect(await fromFake(fake, sent), `${method} ${path}`).toEqual(await fromReal(sent))
      }
    }
  })

  it.each(['/druid/v2/sql/unknown', '/druid/v2/sql/a%20b%2Fc', '/druid/v2/unknown'])(
    'DELETE %s',
    async (path) => {
      for (const base of [router, broker]) {
        const sent = { method: 'DELETE', url: `${base}${path}` }
        const fake = fakeDruid({ servers: rows })
        expect(await fromFake(fake, sent)).toEqual(await fromReal(sent))
      }
    },
  )

  /** Paths of other servers. */
  function foreign(role: string): string[] {
    const all = {
      '/druid/v2/sql/x/y': ['router', 'broker'],
      '/druid/coordinator/v1/x': ['router', 'coordinator', 'overlord'],
      '/druid/indexer/v1/x': ['router', 'coordinator', 'overlord'],
      '/druid/worker/v1/enabled': ['indexer'],
      '/druid/router/v1/brokers': ['router'],
      '/proxy/enabled': ['router'],
    }
    return Object.entries(all).flatMap(([path, roles]) => (roles.includes(role) ? [] : [path]))
  }
})

/** Without the number that tells one run of the web server from another. */
function normal(got: Got): Got {
  return { ...got, body: got.body.replace(/DefaultServlet-[0-9a-f]+/, 'DefaultServlet') }
}

describe('sys.servers', () => {
  it.each([
    'SELECT server, host, plaintext_port, tls_port, server_type, tier, is_leader FROM sys.servers ORDER BY server, server_type',
    'SELECT * FROM sys.servers ORDER BY server_type',
    'SELECT COUNT(*) FROM sys.servers',
    'SELECT COUNT(*) AS n FROM sys.servers WHERE is_leader = 1',
    "SELECT server FROM sys.servers WHERE server_type = 'broker'",
    'SELECT server_type AS role, "server" FROM sys.servers ORDER BY role DESC, server LIMIT 3',
    "SELECT server_type FROM sys.servers WHERE server_type IN ('router', 'overlord') AND tls_port < 0 ORDER BY 1",
    "SELECT server_type FROM sys.servers WHERE server_type NOT IN ('router') AND plaintext_port >= 1 ORDER BY 1 DESC",
    'SELECT DISTINCT tier FROM sys.servers ORDER BY tier',
    'SELECT server_type FROM sys.servers WHERE tier IS NULL ORDER BY server_type',
    'SELECT server_type FROM sys.servers WHERE is_leader IS NOT NULL ORDER BY server_type',
    'SELECT server_type FROM sys.servers WHERE is_leader <> 1',
    'SELECT server_type FROM "sys"."servers" ORDER BY 1',
    'select s.server_type from sys.servers as s order by tier, is_leader, server_type',
    'select server_type from sys.servers order by is_leader desc, server_type',
    "SELECT server, server AS again FROM sys.servers WHERE server_type = 'router' limit 1",
  ])('%s', async (query) => {
    const fake = fakeDruid({ servers: rows })
    const sent = sqlTo(broker, query, { resultFormat: 'arrayLines', ...ALL_HEADERS })
    const real = await fromReal(sent)
    expect(real.status, real.body).toBe(200)
    expect(await fromFake(fake, sent)).toEqual(real)
  })

  it('with parameters', async () => {
    const parameters = [
      { type: 'VARCHAR', value: 'broker' },
      { type: 'BIGINT', value: 1 },
    ]
    const query = 'SELECT server_type FROM sys.servers WHERE server_type = ? AND plaintext_port > ?'
    const sent = sqlTo(broker, query, { parameters, ...ALL_HEADERS })
    expect(await fromFake(fakeDruid({ servers: rows }), sent)).toEqual(await fromReal(sent))
  })

  it('has the columns of the real one', async () => {
    await using druid = connect(broker)
    const columns = await druid.query<{ name: string; type: string }>(
      "SELECT COLUMN_NAME AS name, DATA_TYPE AS type FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = 'sys' AND TABLE_NAME = 'servers' ORDER BY ORDINAL_POSITION",
    )
    const fake = fakeDruid()
    const mine = await connect(fake.url, { transport: fake.transport }).query(
      'SELECT * FROM sys.servers',
    )
    expect(mine.columns.map(({ name, sqlType: type }) => ({ name, type }))).toEqual([...columns])
  })
})
