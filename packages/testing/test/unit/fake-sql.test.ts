import { connect, isDruidError, sql } from '@druid/core'
import {
  capacityExceeded,
  connectionReset,
  delayed,
  druidError,
  type FakeDruidOptions,
  type FakeRequest,
  fakeDruid,
  forbidden,
  htmlPage,
  legacyError,
  noAnswer,
  reply,
  resultReply,
  truncated,
  unauthorized,
} from '@druid/testing'
import { describe, expect, it } from 'vitest'

const open = (options: FakeDruidOptions = {}) => {
  const fake = fakeDruid(options)
  return { fake, druid: connect(fake.url, { transport: fake.transport }) }
}
const states = (requests: readonly FakeRequest[]) =>
  requests.map(({ method, status, state }) => `${method} ${status} ${state}`)

describe('an answer to a query', () => {
  it('is rows, by the statement but for white space, or by a pattern', async () => {
    const { druid } = open({
      sql: [
        ['SELECT origin\n FROM flights', [{ origin: 'SEA' }]],
        [/COUNT/, [{ n: 3 }]],
        [/COUNT\(\*\)/g, [{ n: 'never: the first that fits' }]],
      ],
    })
    expect(await druid.query('  SELECT   origin FROM flights ')).toEqual([{ origin: 'SEA' }])
    expect(await druid.value('SELECT COUNT(*) FROM flights')).toBe(3)
    expect(await druid.value('SELECT COUNT(*) FROM flights')).toBe(3)
  })

  it('is what a function says, which sees statement, parameters, context and headers', async () => {
    const { druid, fake } = open({
      sql: ({ parameters, context, queryId, request, resultFormat }) => [
        { parameters: JSON.stringify(parameters), context: JSON.stringify(context) },
        { parameters: queryId, context: `${request.headers['x-trace']} ${resultFormat}` },
      ],
    })
    const options = { queryId: 'q', context: { priority: 1 }, headers: { 'X-Trace': 'abc' } }
    const rows = await druid.query(sql`SELECT ${'a'}, ${5}`, options)
    expect(rows).toEqual([
      {
        parameters: '[{"type":"VARCHAR","value":"a"},{"type":"BIGINT","value":5}]',
        context: '{"priority":1,"sqlQueryId":"q"}',
      },
      { parameters: 'q', context: 'abc arrayLines' },
    ])
    expect(rows.queryId).toBe('q')
    expect(fake.queries.map((query) => query.sql)).toEqual(['SELECT ?, ?'])
  })

  it('has the types that its values suggest', async () => {
    const { druid } = open({
      sql: () => [
        { s: 'x', l: 1, d: 1, b: true, t: new Date(0), a: [1], j: { k: 1 }, n: null, e: [] },
        { s: null, l: 2n, d: 0.5, extra: 'only here' },
      ],
    })
    const rows = await druid.query('SELECT 1')
    expect(
      rows.columns.map(({ name, sqlType, nativeType }) => `${name} ${sqlType} ${nativeType}`),
    ).toEqual([
      's VARCHAR STRING',
      'l BIGINT LONG',
      'd DOUBLE DOUBLE',
      'b BOOLEAN LONG',
      't TIMESTAMP LONG',
      'a ARRAY ARRAY<LONG>',
      'j OTHER COMPLEX<json>',
      'n VARCHAR STRING',
      'e ARRAY ARRAY<STRING>',
      'extra VARCHAR STRING',
    ])
    expect(rows[1]).toMatchObject({ l: 2, d: 0.5, b: null, extra: 'only here' })
  })

  it('keeps columns and their types without rows', async () => {
    const { druid } = open({
      sql: () => ({ columns: { a: 'BIGINT', s: 'COMPLEX<HLLSketch>' }, rows: [] }),
    })
    const rows = await druid.query('SELECT 1')
    expect(rows).toHaveLength(0)
    expect(rows.columns.map((column) => column.nativeType)).toEqual(['LONG', 'COMPLEX<HLLSketch>'])
  })

  it('comes row by row from an async iterable', async () => {
    let written = 0
    async function* rows() {
      for (let i = 0; i < 100; i += 1) {
        written = i
        yield { i }
      }
    }
    const { druid, fake } = open({ sql: () => ({ columns: { i: 'BIGINT' }, rows: rows() }) })
    for await (const row of druid.stream<{ i: number }>('SELECT 1', { queryId: 'slow' })) {
      if (row.i === 3) {
        // It is not known to the server's end what the client does with it.
        expect(fake.running).toEqual(['slow'])
        break
      }
    }
    expect(written).toBeLessThan(6)
    await druid.close()
    expect(fake.running).toEqual([])
    expect(states(fake.requests)).toEqual(['POST 200 left', 'DELETE 202 left'])
  })
})

describe('an error', () => {
  it.each([
    ['INVALID_INPUT', 'INVALID_INPUT', 400],
    ['FORBIDDEN', 'FORBIDDEN', 403],
    ['NOT_FOUND', 'NOT_FOUND', 404],
    ['CAPACITY_EXCEEDED', 'CAPACITY', 429],
    ['TIMEOUT', 'SERVER_TIMEOUT', 504],
    ['UNSUPPORTED', 'UNSUPPORTED', 501],
    ['DEFENSIVE', 'SERVER', 500],
  ] as const)('druidError() of the category %s is %s', async (category, code, status) => {
    const { druid } = open({ sql: () => druidError({ category, errorMessage: 'No, thanks' }) })
    await expect(druid.query('SELECT 1', { queryId: 'q' })).rejects.toMatchObject({
      code,
      status,
      category,
      queryId: 'q',
      message: expect.stringContaining('No, thanks'),
    })
  })

  it('druidError() takes everything that Druid says of one', async () => {
    const { druid } = open({
      sql: () =>
        druidError({
          category: 'INVALID_INPUT',
          errorMessage: "Object 'x' not found",
          errorCode: 'adhoc',
          persona: 'ADMIN',
          context: { sourceType: 'sql', line: '1', column: '15' },
        }),
    })
    await expect(druid.query('SELECT * FROM x')).rejects.toMatchObject({
      errorCode: 'adhoc',
      persona: 'ADMIN',
      position: { line: 1, column: 15 },
    })
  })

  it.each([
    ['Query timeout', 'SERVER_TIMEOUT'],
    ['Resource limit exceeded', 'RESOURCE_LIMIT'],
    ['Query capacity exceeded', 'CAPACITY'],
    ['Unsupported query', 'UNSUPPORTED'],
    ['Query cancelled', 'SERVER'],
  ] as const)('legacyError(%s) is %s, wrapped and bare', async (error, code) => {
    for (const envelope of ['wrapped', 'bare'] as const) {
      const { druid } = open({ sql: () => legacyError({ error, errorMessage: 'why', envelope }) })
      await expect(druid.query('SELECT 1')).rejects.toMatchObject({ code })
    }
  })

  it.each([
    ['a page of a proxy', htmlPage(502), { code: 'SERVER', status: 502, retryable: true }],
    ['an empty body', reply({ status: 503 }), { code: 'SERVER', status: 503 }],
    ['no credentials', unauthorized(), { code: 'UNAUTHENTICATED', status: 401 }],
    ['no permission', forbidden(), { code: 'FORBIDDEN', status: 403 }],
    ['too many', capacityExceeded({ retryAfter: 7 }), { code: 'CAPACITY', retryAfter: 7_000 }],
  ])('%s', async (_, answer, error) => {
    const { druid, fake } = open({ sql: () => answer, gate: undefined })
    await expect(druid.query('SELECT 1')).rejects.toMatchObject(error)
    expect(fake.running).toEqual([])
  })

  it('of a gate comes before Druid sees anything', async () => {
    const { druid, fake } = open({
      sql: () => [{ a: 1 }],
      gate: ({ credentials }) => (credentials ? undefined : unauthorized()),
    })
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(fake.queries).toEqual([])
    const known = connect(fake.url, { transport: fake.transport, auth: { token: 't' } })
    expect(await known.query('SELECT 1')).toEqual([{ a: 1 }])
    expect(fake.requests.map(({ credentials }) => credentials)).toEqual([false, true])
    expect(fake.requests[1]?.headers.authorization).toBe('Bearer t')
  })
})

describe('a fault', () => {
  const rows = [{ a: 1 }, { a: 2 }, { a: 3 }]

  it('truncated() ends the result early, with the reason where a Broker can tell it', async () => {
    const fake = fakeDruid({ sql: () => truncated(rows, { after: 3, reason: 'disk is full' }) })
    for (const [role, reason] of [
      ['router', undefined],
      ['broker', 'disk is full'],
    ] as const) {
      const druid = connect(fake.urlOf(role), { transport: fake.transport })
      // The last row has no line end: nobody can know that it is whole.
      await expect(druid.query('SELECT 1')).rejects.toMatchObject({
        code: 'TRUNCATED',
        rows: 2,
        reason,
      })
    }
  })

  it('connectionReset() breaks before the reply, or in its midst', async () => {
    const { druid } = open({
      sql: [
        ['before', connectionReset()],
        ['within', connectionReset(rows, { after: 2 })],
      ],
    })
    await expect(druid.query('before')).rejects.toMatchObject({ code: 'CONNECT', reason: 'reset' })
    await expect(druid.query('within')).rejects.toMatchObject({ code: 'TRUNCATED', rows: 1 })
  })

  it('noAnswer() waits for the caller, who ends the query on the server', async () => {
    const { druid, fake } = open({ sql: () => noAnswer() })
    const signal = AbortSignal.timeout(20)
    const error = await druid.query('SELECT 1', { signal, queryId: 'q' }).catch((e: unknown) => e)
    expect(isDruidError(error, 'TIMEOUT')).toBe(true)
    await expect.poll(() => fake.running).toEqual([])
    expect(states(fake.requests)).toEqual(['POST undefined failed', 'DELETE 202 left'])
  })

  it('noAnswer() ends as a cancelled query when somebody else cancels it', async () => {
    const { druid, fake } = open({ sql: () => noAnswer() })
    const running = druid.query('SELECT 1', { queryId: 'q' })
    const failed = expect(running).rejects.toMatchObject({ code: 'SERVER', category: 'CANCELED' })
    await expect.poll(() => fake.running).toEqual(['q'])
    await druid.request('DELETE', '/druid/v2/sql/q')
    await failed
    await expect(druid.request('DELETE', '/druid/v2/sql/q')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })

  it('delayed() takes its time, and less when nobody waits any more', async () => {
    const { druid } = open({
      sql: [
        ['soon', delayed(10, [{ a: 1 }])],
        ['late', delayed(60_000, [{ a: 1 }])],
        [
          'twice',
          delayed(5, () => delayed(5, druidError({ category: 'TIMEOUT', errorMessage: 'x' }))),
        ],
      ],
    })
    expect(await druid.query('soon')).toEqual([{ a: 1 }])
    const signal = AbortSignal.timeout(20)
    await expect(druid.query('late', { signal })).rejects.toMatchObject({ code: 'TIMEOUT' })
    await expect(druid.query('twice')).rejects.toMatchObject({ code: 'SERVER_TIMEOUT' })
  })
})

describe('resultReply()', () => {
  it('writes a result for another endpoint, in the style that was asked for', async () => {
    const { druid } = open({
      routes: {
        'POST /druid/v2/sql/async': ({ body }) => resultReply([{ a: 1 }], body),
        'GET /csv': resultReply([{ a: 'x,y' }], { resultFormat: 'csv', header: true }),
        'POST /cut': ({ body }) => resultReply(truncated([{ a: 1 }, { a: 2 }], { after: 2 }), body),
      },
    })
    const { sqlRequest } = await import('@druid/core')
    const body = sqlRequest('SELECT 1')
    const options = { expect: 'rows' } as const
    expect(await druid.request('POST', '/druid/v2/sql/async', body, options)).toEqual([{ a: 1 }])
    expect(await druid.request('GET', '/csv', undefined, { expect: 'text' })).toBe('a\n"x,y"\n\n')
    await expect(druid.request('POST', '/cut', body, options)).rejects.toMatchObject({
      code: 'TRUNCATED',
    })
  })
})

async function* failing(): AsyncGenerator<object> {
  yield { a: 1 }
  throw new Error('boom')
}

describe('what the fake cannot know it does not make up:', () => {
  it.each<[string, FakeDruidOptions['sql'], RegExp]>([
    [
      'a statement that no rule has',
      [[/flights/, []]],
      /no answer for the statement: SELECT 1\n.*sql: \[\["SELECT 1"/,
    ],
    ['a function without an answer', () => undefined, /no answer for the statement/],
    ['an answer that is none', () => 'rows' as never, /answered by rows/],
    [
      'a function that throws',
      () => {
        throw new Error('oops')
      },
      /druid\/v2\/sql threw: oops/,
    ],
    ['no rows and no columns', () => [], /still has columns/],
    [
      'values of two types in a column',
      () => [{ a: 1 }, { a: 'x' }],
      /column "a" holds values of several types/,
    ],
    ['a value that is none', () => [{ a: () => 1 }], /column "a"/],
    [
      'a text in a column of integers',
      () => ({ columns: { a: 'BIGINT' }, rows: [{ a: 'x' }] }),
      /column "a" \(BIGINT, LONG\) cannot hold "x"/,
    ],
    [
      'half an integer',
      () => ({ columns: { a: 'BIGINT' }, rows: [{ a: 0.5 }] }),
      /cannot hold 0.5/,
    ],
    ['more than 64 bits', () => [{ a: 2n ** 63n }], /cannot hold/],
    [
      'a date that is none',
      () => ({ columns: { a: 'TIMESTAMP' }, rows: [{ a: 'soon' }] }),
      /cannot hold "soon"/,
    ],
    [
      'an element of another type',
      () => ({ columns: { a: 'ARRAY<LONG>' }, rows: [{ a: ['x'] }] }),
      /cannot hold an array/,
    ],
    [
      'a name that no column has',
      () => ({ columns: { origin: 'VARCHAR' }, rows: [{ orign: 'x' }] }),
      /no option "orign"; did you mean "origin"/,
    ],
    ['a type that is none', () => ({ columns: { a: 'TEXT' }, rows: [] }), /"TEXT" is no type/],
    ['too few values', () => ({ columns: ['a', 'b'], rows: [[1]] }), /1 values for 2 columns/],
    ['values without columns', () => [[1]], /say the columns/],
    ['more rows than there are', () => truncated([{ a: 1 }], { after: 2 }), /has 1 rows/],
    ['rows without a column', () => [{}], /at least one column/],
    ['rows that are none', () => [null] as never, /a row is an object/],
    [
      'rows that cannot be read to the end',
      () => ({ columns: { a: 'BIGINT' }, rows: failing() }),
      /rows of an answer threw: boom/,
    ],
    ['no answer at all', undefined, /no answer/],
  ])('%s', async (_, answer, why) => {
    const { druid, fake } = open({ sql: answer })
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringMatching(why),
    })
    expect(fake.unanswered).toEqual([expect.stringMatching(why)])
    expect(fake.unanswered).toHaveLength(1)
  })

  it.each([
    'SELECT server, COUNT(*) FROM sys.servers GROUP BY 1',
    'SELECT UPPER(server) FROM sys.servers',
    'SELECT servr FROM sys.servers',
    "SELECT server FROM sys.servers WHERE server_type = 'a' OR 1 = 1",
    "SELECT server FROM sys.servers WHERE server_type LIKE 'b%'",
    'SELECT server FROM sys.servers WHERE server_type = ?',
    'SELECT s.server FROM sys.servers s JOIN sys.tasks t ON s.host = t.host',
    'SELECT server FROM sys.servers ORDER BY 2',
    'SELECT COUNT(*), server FROM sys.servers',
  ])('of sys.servers: %s', async (statement) => {
    const { druid } = open()
    await expect(druid.query(statement)).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringContaining('fakeDruid'),
    })
  })

  it('what * means in a Druid with more columns', async () => {
    const { druid } = open({ version: '35.0.0' })
    await expect(druid.query('SELECT * FROM sys.servers')).rejects.toThrow(/name the columns/)
    expect(await druid.query('SELECT server FROM sys.servers')).toHaveLength(6)
    expect(await druid.version()).toBe('35.0.0')
  })
})
