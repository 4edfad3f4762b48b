import { connect, custom, type NativeQuery } from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import { describe, expect, it } from 'vitest'
import { canned } from './reply.ts'
import { type Arrived, serve, type TestServer } from './server.ts'

const TIMESERIES = {
  queryType: 'timeseries',
  dataSource: 'flights',
  intervals: '2001-01-01/2001-04-01',
  granularity: 'month',
  aggregations: [
    { type: 'count', name: 'n' },
    { type: 'doubleSum', name: 'delay', fieldName: 'delay' },
  ],
} as const
const REPLY =
  '[{"timestamp":"2001-01-01T00:00:00.000Z","result":{"n":6937,"delay":44647.0}},{"timestamp":"2001-02-01T00:00:00.000Z","result":{"n":0,"delay":null}}]'
const HEAD = {
  'content-type': 'application/json',
  'x-druid-query-id': 'an-id',
  'x-druid-response-context': '{"uncoveredIntervals":["2001-03-01/2001-04-01"]}',
}

function answering(body: string): Promise<TestServer> {
  return serve((_, response) => response.writeHead(200, HEAD).end(body))
}

const sent = (server: TestServer): Record<string, unknown> =>
  JSON.parse((server.arrived.at(-1) as Arrived).body) as Record<string, unknown>

const replied = (body: string) =>
  connect('http://druid:8888', { transport: canned({ body, headers: HEAD }) })

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
])('33 Send native, over %s', (_, transport) => {
  it('gives the elements, with id, stats and what Druid tells of the run beside them', async () => {
    await using server = await answering(REPLY)
    await using druid = connect(server.url, { transport })
    const result = await druid.native(TIMESERIES, { queryId: 'mine' })
    expect(result).toEqual([
      { timestamp: '2001-01-01T00:00:00.000Z', result: { n: 6937, delay: 44647 } },
      { timestamp: '2001-02-01T00:00:00.000Z', result: { n: 0, delay: null } },
    ])
    expect(Object.keys(result)).toEqual(['0', '1'])
    expect(result.queryId).toBe('mine')
    expect(result.stats).toMatchObject({ rows: 2, bytes: REPLY.length })
    expect(result.responseContext).toEqual({ uncoveredIntervals: ['2001-03-01/2001-04-01'] })
    const { method, path, headers } = server.arrived[0] as Arrived
    expect(`${method} ${path}`).toBe('POST /druid/v2')
    // The Router of Druid 34 and later refuses it with a charset.
    expect(headers['content-type']).toBe('application/json')
    expect(sent(server)).toEqual({ ...TIMESERIES, context: { queryId: 'mine' } })
  })
})

it('adds the contexts: those of the client, of the query, of the call', async () => {
  await using server = await answering('[]')
  const druid = connect(server.url, { context: { timeout: 1, priority: 1, lane: 'a' } }).with({
    context: { priority: 2 },
  })
  const query = { ...TIMESERIES, context: { skipEmptyBuckets: true, lane: 'b', timeout: 2 } }
  await druid.native(query, {
    context: { timeout: 3, ...custom({ ourKey: 9007199254740993n }) },
    headers: { 'x-tenant': 'a' },
  })
  expect(sent(server).context).toEqual({
    timeout: 3,
    priority: 2,
    lane: 'b',
    skipEmptyBuckets: true,
    queryId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    ourKey: Number('9007199254740993'),
  })
  expect(server.arrived[0]?.body).toContain('"ourKey":9007199254740993')
  expect(server.arrived[0]?.headers['x-tenant']).toBe('a')
  expect(query.context).toEqual({ skipEmptyBuckets: true, lane: 'b', timeout: 2 })
})

it.each([
  { grandTotal: true },
  { bySegment: true },
  { resultAsArray: true },
  { serializeDateTimeAsLong: true },
  { finalize: false },
])('takes %j from no client: the types do not follow it there', async (context) => {
  await using server = await answering('[]')
  const druid = connect(server.url, { context })
  const [key = ''] = Object.keys(context)
  const refused = expect.objectContaining({
    code: 'CONFIG',
    option: 'context',
    message: expect.stringContaining(`the context of the client says ${key}: `),
  })
  await expect(druid.native(TIMESERIES)).rejects.toEqual(refused)
  expect(() => druid.streamNative(TIMESERIES)).toThrow(refused as never)
  expect(server.arrived).toEqual([])
  await druid.native({ ...TIMESERIES, context })
  expect(sent(server).context).toMatchObject(context)
  await druid.native(TIMESERIES, { context })
  expect(sent(server).context).toMatchObject(context)
  await druid.native(TIMESERIES, { context: { [key]: undefined } })
  expect(sent(server).context).not.toHaveProperty(key)
  const usual = connect(server.url, { context: { [key]: key === 'finalize' } })
  await usual.native(TIMESERIES)
  expect(sent(server).context).toMatchObject({ [key]: key === 'finalize' })
})

it.each([
  ['of the options', { queryId: 'a' }, 'a'],
  ['of the options’ context', { context: { queryId: 'b' } }, 'b'],
  ['of the query’s context', {}, 'c'],
])('runs under the id %s', async (_, options, id) => {
  await using server = await answering('[]')
  const query = { ...TIMESERIES, context: { queryId: 'c' } }
  const result = await connect(server.url).native(query, options)
  expect(result.queryId).toBe(id)
  expect(sent(server)).toMatchObject({ context: { queryId: id } })
})

it('sends a bigint with all its digits', async () => {
  await using server = await answering('[]')
  await connect(server.url).native({
    ...TIMESERIES,
    filter: { type: 'equals', column: 'id', matchValueType: 'LONG', matchValue: 2n ** 63n - 1n },
  })
  expect(server.arrived[0]?.body).toContain('"matchValue":9223372036854775807')
})

it('37 Open type for unknown components: sends what it does not know as it is', async () => {
  await using server = await answering('[{"x":1}]')
  const druid = connect(server.url)
  await druid.native({
    ...TIMESERIES,
    aggregations: [custom({ type: 'variance', name: 'v', fieldName: 'delay' })],
    filter: custom({ type: 'bloom', dimension: 'origin', bloomKFilter: 'AA==' }),
    dataSource: custom({ type: 'acme', table: 'flights' }),
  })
  expect(sent(server)).toMatchObject({
    aggregations: [{ type: 'variance', name: 'v', fieldName: 'delay' }],
    filter: { type: 'bloom', dimension: 'origin', bloomKFilter: 'AA==' },
    dataSource: { type: 'acme', table: 'flights' },
  })
  const result = await druid.native<{ x: number }>(custom({ queryType: 'movingAverage', a: 1 }))
  expect(result).toEqual([{ x: 1 }])
  expect(sent(server)).toMatchObject({ queryType: 'movingAverage', a: 1 })
  const rows: unknown[] = []
  for await (const row of druid.streamNative(custom({ queryType: 'movingAverage' }))) rows.push(row)
  expect(rows).toEqual([{ x: 1 }])
})

describe('values', () => {
  const LARGE =
    '[{"timestamp":"2001-01-01T00:00:00.000Z","result":{"n":9223372036854775807,"m":1}}]'
  const query = {
    ...TIMESERIES,
    aggregations: [
      { type: 'count', name: 'n' },
      { type: 'longSum', name: 'm', fieldName: 'delay' },
    ],
  } as const

  it('are exact: an integer that a number cannot hold is INEXACT', async () => {
    await expect(replied(LARGE).native(query)).rejects.toMatchObject({
      code: 'INEXACT',
      column: 'n',
      value: '9223372036854775807',
      message: expect.stringContaining("values: { bigint: 'auto' }"),
    })
  })

  it.each([
    ['auto', { n: 9223372036854775807n, m: 1 }],
    ['bigint', { n: 9223372036854775807n, m: 1n }],
    ['string', { n: '9223372036854775807', m: '1' }],
    ['number', { n: 9223372036854776000, m: 1 }],
  ] as const)('come by the policy %s', async (bigint, result) => {
    const values = { bigint }
    expect((await replied(LARGE).native(query, { values }))[0]?.result).toEqual(result)
    expect((await replied(LARGE).with({ values }).native(query))[0]?.result).toEqual(result)
  })

  it.each([
    ['safe', { s: null, large: 2, small: 2 }],
    ['auto', { s: null, large: 2, small: 2 }],
    ['bigint', { s: null, large: 2n, small: 2 }],
    ['string', { s: null, large: '2', small: 2 }],
  ] as const)('come by the policy %s of constants and single values, too', async (bigint, out) => {
    const parts = {
      ...TIMESERIES,
      aggregations: [{ type: 'singleValue', name: 's', fieldName: 'a', columnType: 'LONG' }],
      postAggregations: [
        { type: 'constant', name: 'large', value: 2n },
        { type: 'constant', name: 'small', value: 2 },
      ],
    } as const
    const reply = (s: string): string =>
      `[{"timestamp":"2001-01-01T00:00:00.000Z","result":{"s":${s},"large":2,"small":2}}]`
    const values = { bigint }
    expect((await replied(reply('null')).native(parts, { values }))[0]?.result).toEqual(out)
    const [element] = await replied(reply('7')).native(parts, { values })
    expect(element?.result.s).toBe(bigint === 'bigint' ? 7n : bigint === 'string' ? '7' : 7)
  })

  it('that are large but no integers stay numbers', async () => {
    const body = LARGE.replace('9223372036854775807', '9.223372036854776E18')
    expect((await replied(body).native(query))[0]?.result.n).toBe(2 ** 63)
  })

  it('that JSON has no numbers for are numbers, where the query says that they are', async () => {
    const body =
      '[{"timestamp":"2001-01-01T00:00:00.000Z","result":[{"origin":"NaN","d":"NaN","q":"-Infinity","e":"Infinity","t":"Infinity"}]}]'
    const [element] = await replied(body).native({
      queryType: 'topN',
      dataSource: 'flights',
      intervals: '2001/2002',
      granularity: 'all',
      dimension: 'origin',
      metric: 'd',
      threshold: 1,
      aggregations: [
        {
          type: 'filtered',
          filter: { type: 'true' },
          aggregator: { type: 'doubleSum', name: 'd', fieldName: 'x' },
        },
        { type: 'stringAny', name: 't', fieldName: 'origin' },
      ],
      postAggregations: [
        { type: 'arithmetic', name: 'q', fn: 'quotient', fields: [] },
        { type: 'expression', name: 'e', expression: 'd', outputType: 'DOUBLE' },
      ],
    })
    expect(element?.result).toEqual([
      { origin: 'NaN', d: Number.NaN, q: -Infinity, e: Infinity, t: 'Infinity' },
    ])
  })

  it('of a scan are what its signature says', async () => {
    const body =
      '[{"segmentId":"s","columns":["a","b"],"events":[["NaN","NaN"],["Infinity",1.5]],"rowSignature":[{"name":"a","type":"STRING"},{"name":"b","type":"DOUBLE"}]}]'
    const [element] = await replied(body).native({
      queryType: 'scan',
      dataSource: 'x',
      intervals: '2001/2002',
      columns: ['a', 'b'],
      resultFormat: 'compactedList',
    })
    expect(element?.events).toEqual([
      ['NaN', Number.NaN],
      ['Infinity', 1.5],
    ])
  })
})

describe('a reply that is none', () => {
  it.each([
    ['an HTML page', '<html><title>Sign in</title></html>', 'an HTML page: Sign in'],
    ['an object', '{"a":1}', 'is no Druid result'],
    ['text', 'welcome', 'is no Druid result (welcome)'],
    ['more than a result', '[] []', 'there is more after the end of the result'],
    ['no JSON', '[{"a":1},{b}]', 'after 1 rows of the result: it is not JSON'],
    ['a comma too many', '[{"a":1},]', 'it is not JSON'],
    ['no UTF-8', new Uint8Array([0x5b, 0x22, 0xff, 0x22, 0x5d]), 'it is not JSON'],
  ])('is DECODE: %s', async (_, body, why) => {
    const druid = connect('http://druid:8888', {
      transport: canned({ body: typeof body === 'string' ? body : [body] }),
    })
    await expect(druid.native(TIMESERIES)).rejects.toMatchObject({
      code: 'DECODE',
      message: expect.stringContaining(why),
      queryId: expect.any(String),
    })
  })

  it.each(['', '[', REPLY.slice(0, 100), REPLY.slice(0, -1)])(
    'is TRUNCATED where the array is not closed: %s',
    async (body) => {
      await expect(replied(body).native(TIMESERIES)).rejects.toMatchObject({
        code: 'TRUNCATED',
        rows: body.length > 140 ? 1 : body.length > 80 ? 1 : 0,
      })
    },
  )

  it('is TRUNCATED where the trailers say so, of a closed array, too', async () => {
    await using server = await serve((_, response) => {
      response.writeHead(200, { ...HEAD, trailer: 'X-Error-Message' })
      response.write(REPLY)
      response.addTrailers({
        'X-Druid-Response-Complete': 'false',
        'X-Error-Message': 'url timed out',
      })
      response.end()
    })
    await expect(connect(server.url).native(TIMESERIES)).rejects.toMatchObject({
      code: 'TRUNCATED',
      rows: 2,
      reason: 'url timed out',
    })
  })
})

describe('both envelopes of errors', () => {
  it.each([
    [
      400,
      '{"error":"Unknown exception","errorMessage":"Could not resolve type id","errorClass":"InvalidTypeIdException","host":null}',
      { code: 'INVALID_INPUT', errorClass: 'InvalidTypeIdException' },
    ],
    [
      504,
      '{"error":"Query timeout","errorMessage":"Timeout!","errorClass":"org.apache.druid.query.QueryTimeoutException","host":"h"}',
      { code: 'SERVER_TIMEOUT' },
    ],
    [
      429,
      '{"error":"druidException","errorCode":"general","persona":"USER","category":"CAPACITY_EXCEEDED","errorMessage":"Too many","context":{}}',
      { code: 'CAPACITY', category: 'CAPACITY_EXCEEDED' },
    ],
    [
      400,
      '{"error":"Resource limit exceeded","errorMessage":"Not enough","errorCode":"legacyQueryException","persona":"OPERATOR","category":"RUNTIME_FAILURE","errorClass":"x","host":"h","context":{"legacyErrorCode":"Resource limit exceeded"}}',
      { code: 'RESOURCE_LIMIT' },
    ],
  ])('%i is understood: %s', async (status, body, error) => {
    await using server = await serve((_, response) => response.writeHead(status).end(body))
    const druid = connect(server.url)
    await expect(druid.native(TIMESERIES, { queryId: 'q' })).rejects.toMatchObject({
      ...error,
      status,
      queryId: 'q',
    })
    const rows = druid.streamNative(TIMESERIES)[Symbol.asyncIterator]()
    await expect(rows.next()).rejects.toMatchObject(error)
    // Of a 504 it is not known whether Druid has said it.
    if (status !== 504) expect(server.by('DELETE')).toEqual([])
  })
})

describe('nothing is sent for', () => {
  const druid = replied('[]')
  it.each<[string, () => Promise<unknown>, object]>([
    ['SQL', () => druid.native('SELECT 1' as never), { code: 'INVALID_INPUT' }],
    ['no type', () => druid.native({} as NativeQuery), { code: 'INVALID_INPUT' }],
    [
      'a context that is none',
      () => druid.native({ ...TIMESERIES, context: 1 as never }),
      { code: 'INVALID_INPUT' },
    ],
    [
      'an option that is none',
      () => druid.native(TIMESERIES, { schema: {} } as never),
      { code: 'CONFIG', option: 'schema' },
    ],
    [
      'an id that is none',
      () => druid.native(TIMESERIES, { queryId: '..' }),
      { code: 'CONFIG', option: 'queryId' },
    ],
    [
      'a policy that is none',
      () => druid.native(TIMESERIES, { values: { bigint: 'big' as never } }),
      { code: 'CONFIG', option: 'values' },
    ],
    [
      'a language that is none',
      () => druid.cancel('a', { language: 'java' as never }),
      { code: 'CONFIG', option: 'language' },
    ],
  ])('%s', async (_, call, error) => {
    await expect(call()).rejects.toMatchObject(error)
  })

  it('what cannot be written', async () => {
    const circular: Record<string, unknown> = { type: 'acme' }
    circular.self = circular
    await expect(
      druid.native({ ...TIMESERIES, filter: custom(circular) as never }),
    ).rejects.toMatchObject({ code: 'CONFIG', option: 'query' })
  })
})

it('ends with LIMIT at more than is allowed', async () => {
  const druid = replied(REPLY)
  const failing = async (options: object): Promise<unknown> =>
    druid.native(TIMESERIES, options).catch((error: unknown) => error)
  expect(await failing({ maxRows: 1 })).toMatchObject({ code: 'LIMIT', limit: 1 })
  expect(await failing({ maxBytes: 100 })).toMatchObject({ code: 'LIMIT', limit: 100 })
  const halves = [REPLY.slice(0, 120), REPLY.slice(120)].map((it) => new TextEncoder().encode(it))
  const slow = connect('http://druid:8888', { transport: canned({ body: halves }) })
  await expect(slow.native(TIMESERIES, { maxRowBytes: 10 })).rejects.toMatchObject({
    code: 'LIMIT',
    limit: 10,
    message: expect.stringContaining('maxRowBytes'),
  })
})

describe('a failure that Druid writes as a last element', () => {
  const FAILURES = [
    '{"error":"druidException","errorCode":"general","persona":"USER","category":"TIMEOUT","errorMessage":"Query timed out","context":{}}',
    '{"error":"Query timeout","errorCode":"legacyQueryException","persona":"OPERATOR","category":"TIMEOUT","errorMessage":"Query timed out","errorClass":null,"host":null,"context":{"legacyErrorCode":"Query timeout"}}',
    '{"error":"Query timeout","errorMessage":"Query timed out","errorClass":null,"host":null}',
  ]
  const context = { writeExceptionBodyAsResponseRow: true }
  const failure = (rows: number): object => ({
    code: 'TRUNCATED',
    rows,
    reason: 'Query timed out',
    message: expect.stringContaining(`after ${rows} row`),
  })

  it.each(FAILURES)('is TRUNCATED where it was asked for: %s', async (last) => {
    const body = REPLY.replace(/\]$/, `,${last}]`)
    await expect(replied(body).native(TIMESERIES, { context })).rejects.toMatchObject(failure(2))
    const wanted = { ...TIMESERIES, context: { writeExceptionBodyAsResponseRow: 'true' as never } }
    await expect(replied(body).native(wanted)).rejects.toMatchObject(failure(2))
    await expect(replied(`[${last}]`).native(TIMESERIES, { context })).rejects.toMatchObject(
      failure(0),
    )
  })

  it.each(FAILURES)('ends a stream after the rows before it: %s', async (last) => {
    const element = '{"segmentId":"s","columns":["a"],"events":[[1],["NaN"]]}'
    const scan = { queryType: 'scan', dataSource: 'a', intervals: '2001/2002' } as const
    const rows: unknown[] = []
    const read = async (): Promise<void> => {
      const stream = replied(`[${element},${last}]`).streamNative(scan, { context })
      for await (const row of stream) rows.push(row)
    }
    await expect(read()).rejects.toMatchObject(failure(2))
    expect(rows).toEqual([{ a: 1 }, { a: 'NaN' }])
    const groups = { ...TIMESERIES, queryType: 'groupBy', dimensions: ['a'] } as const
    const grouped: unknown[] = []
    const readGroups = async (): Promise<void> => {
      const stream = replied(`[[978307200000,"x",1,2.5],${last}]`).streamNative(groups, { context })
      for await (const row of stream) grouped.push(row)
    }
    await expect(readGroups()).rejects.toMatchObject(failure(1))
    expect(grouped).toHaveLength(1)
  })

  it('is an element like others where it was not', async () => {
    const query = custom({ queryType: 'ours' })
    const body = '[{"error":"none","errorMessage":"of ours"}]'
    expect(await replied(body).native(query)).toEqual([{ error: 'none', errorMessage: 'of ours' }])
  })

  it('may be a column of a scan', async () => {
    const scan = { queryType: 'scan', dataSource: 'a', intervals: '2001/2002' } as const
    const event = '{"error":"e","errorCode":"c","persona":"USER","errorMessage":"m"}'
    const body = `[{"segmentId":"s","columns":["error","errorCode","persona","errorMessage"],"events":[${event}]}]`
    expect(await replied(body).native(scan, { context })).toHaveLength(1)
    const rows: unknown[] = []
    for await (const row of replied(body).streamNative(
      { ...scan, resultFormat: 'list' },
      { context },
    )) {
      rows.push(row)
    }
    expect(rows).toEqual([JSON.parse(event)])
  })
})

it('tells of the run beside a stream, once its reply has begun', async () => {
  await using server = await answering(REPLY)
  const stream = connect(server.url).streamNative(TIMESERIES)
  expect(stream.responseContext).toBeUndefined()
  for await (const row of stream) {
    expect(row.n).toBeTypeOf('number')
    expect(stream.responseContext).toEqual({ uncoveredIntervals: ['2001-03-01/2001-04-01'] })
  }
  expect(stream.responseContext).toEqual({ uncoveredIntervals: ['2001-03-01/2001-04-01'] })
  const empty = connect('http://druid:8888', { transport: canned({ body: '[]' }) })
  const none = empty.streamNative(TIMESERIES)
  for await (const _ of none) throw new Error('it has no rows')
  expect(none.responseContext).toEqual({})
})
