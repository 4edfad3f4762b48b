import { connect, isDruidError, type SqlRequest, sql } from '@druid/core'
import {
  type AnyExtension,
  type ClusterContext,
  type Codec,
  defineExtension,
  type ExtensionHost,
  type Formatter,
  type QueryHooks,
  type RegistrationContext,
  type ServiceHost,
} from '@druid/core/extension'
import { describe, expect, it, vi } from 'vitest'
import { FakeCluster } from './fake-cluster.ts'
import { open, plain, Thing, URL_OF_DRUID } from './plain-extension.ts'
import { arrayLines, canned, headerRows } from './reply.ts'
import { type Arrived, serve } from './server.ts'

const A = [['a', 'LONG', 'BIGINT']] as const
const three = arrayLines(A, '[1]', '[2]', '[3]')
const extending = (name: string, setup: (context: RegistrationContext) => void): AnyExtension =>
  defineExtension({ name: name as 'a', setup })
const failed = (text: string): object =>
  expect.objectContaining({ code: 'EXTENSION', message: expect.stringContaining(text) })

it('93 Hooks on request / result / error', async () => {
  const log: string[] = []
  const hooks = defineExtension({
    name: 'hooks',
    setup(context) {
      context.use(async (request, next) => {
        log.push(`${request.method} ${request.url.pathname}`)
        const reply = await next({ ...request, headers: { 'x-trace': '1' } })
        log.push(`status ${reply.status}`)
        return reply
      })
      context.queries({
        sqlRequest: (request) => ({ ...request, query: `${request.query} LIMIT 2` }),
        async *rows(batches) {
          for await (const batch of batches) yield batch.map((row) => ({ ...row, seen: true }))
        },
        error: (error) => new Error('explained', { cause: error }),
      })
    },
  })
  await using server = await serve((request, response) => {
    if (request.body.includes('bad')) response.writeHead(500).end('{"error":"no such table"}')
    else response.end(arrayLines(A, '[1]', '[2]'))
  })
  await using druid = connect(server.url, { extensions: [hooks] })
  expect(await druid.query('SELECT a')).toEqual([
    { a: 1, seen: true },
    { a: 2, seen: true },
  ])
  expect(server.arrived[0]?.headers['x-trace']).toBe('1')
  expect(JSON.parse(server.arrived[0]?.body ?? '').query).toBe('SELECT a LIMIT 2')
  await expect(druid.query('SELECT bad')).rejects.toMatchObject({
    message: 'explained',
    cause: { code: 'SERVER' },
  })
  expect(log).toEqual(['POST /druid/v2/sql', 'status 200', 'POST /druid/v2/sql', 'status 500'])
})

describe('context.queries(hooks)', () => {
  const hooked = (hooks: QueryHooks, name = 'hooked') =>
    extending(name, (context) => context.queries(hooks))

  it('changes text, parameters and context before it is sent, one after the other', async () => {
    await using server = await serve((_, response) => response.end(three))
    const first = hooked({
      sqlRequest: (request: SqlRequest) => ({ ...request, query: `${request.query} LIMIT 3` }),
    })
    const second = hooked(
      {
        sqlRequest: async (request) => ({
          ...request,
          query: `/* traced */ ${request.query}`,
          context: { ...request.context, priority: 5, sqlQueryId: 'mine' },
          resultFormat: 'object' as never,
        }),
      },
      'second',
    )
    await using druid = connect(server.url, { extensions: [first, second] })
    await druid.query('SELECT 1', { queryId: 'q1' })
    expect(JSON.parse(server.arrived[0]?.body ?? '')).toEqual({
      query: '/* traced */ SELECT 1 LIMIT 3',
      resultFormat: 'arrayLines',
      header: true,
      typesHeader: true,
      sqlTypesHeader: true,
      context: { priority: 5, sqlQueryId: 'q1' },
    })
  })

  it('changes rows while they stream, and shares state between its hooks of one query', async () => {
    const seen: unknown[] = []
    const hooks: QueryHooks = {
      sqlRequest(request, call) {
        call.state.text = request.query
        return undefined
      },
      async *rows(batches, call) {
        seen.push(call.queryId, call.state.text)
        for await (const batch of batches) yield batch.map((row) => ({ ...row, more: true }))
      },
    }
    const druid = connect(URL_OF_DRUID, {
      extensions: [hooked(hooks)],
      transport: canned({ body: three }),
    })
    const rows = await druid.query('SELECT a', { queryId: 'q2' })
    expect(rows).toEqual([
      { a: 1, more: true },
      { a: 2, more: true },
      { a: 3, more: true },
    ])
    expect(rows.stats.rows).toBe(3)
    expect(seen).toEqual(['q2', 'SELECT a'])
  })

  it('may be an instance of a class, with a state of its own', async () => {
    class Counting implements QueryHooks {
      readonly seen: string[] = []
      #more = 0
      sqlRequest(request: SqlRequest): SqlRequest {
        this.#more += 1
        this.seen.push(request.query)
        return { ...request, query: `SELECT ${this.#more}` }
      }
    }
    const counting = new Counting()
    const druid = connect(URL_OF_DRUID, {
      extensions: [hooked(counting)],
      transport: canned({ body: three }),
    })
    await druid.query('SELECT a')
    expect(counting.seen).toEqual(['SELECT a'])
    class Empty {
      readonly note = 'has no hook at all'
    }
    const [report] = open([plain('empty', (c) => c.queries(new Empty() as never))]).extensions()
    expect(report?.error?.message).toContain('there is none of the hooks sqlRequest')
    // Hooks may be there by choice.
    expect(open([plain('none', (c) => c.queries({}))]).extensions()[0]?.status).toBe('active')
  })

  it('are those that were registered, whatever becomes of the object later', async () => {
    const hooks: { sqlRequest: QueryHooks['sqlRequest'] } = { sqlRequest: () => undefined }
    const druid = connect(URL_OF_DRUID, {
      extensions: [hooked(hooks)],
      transport: canned({ body: three }),
    })
    hooks.sqlRequest = () => {
      throw new Error('too late')
    }
    expect(await druid.query('SELECT a')).toHaveLength(3)
  })

  it.each<[string, (request: SqlRequest) => unknown]>([
    ['its text', (request) => Object.assign(request, { query: 'x' })],
    ['its context', (request) => Object.assign(request.context, { priority: 1 })],
    ['its list of parameters', (request) => (request.parameters as unknown[]).push({})],
    [
      'a list in its context',
      (request) => (request.context as { lookups: string[] }).lookups.push('evil'),
    ],
    [
      'a list in a parameter',
      ({ parameters = [] }) => (parameters[1] as unknown as { value: unknown[] }).value.push(1),
    ],
    ['a parameter', (request) => Object.assign(request.parameters?.[0] ?? {}, { value: 2 })],
  ])('cannot change in place %s: a statement may be sent again', async (_, change) => {
    await using server = await serve((_request, response) => response.end(three))
    const changing = hooked({ sqlRequest: (request) => void change(request) as undefined })
    const statement = sql`SELECT ${1}, ${sql.array(['SEA'])}`
    const lookups = ['a']
    const context = { priority: 1, lookups } as object
    const druid = connect(server.url, { extensions: [changing], context })
    await expect(druid.query(statement)).rejects.toEqual(failed('"hooked": its sqlRequest hook'))
    await druid.close()
    const plainly = connect(server.url)
    await plainly.query(statement)
    await plainly.close()
    expect(JSON.parse(server.arrived[0]?.body ?? '')).toMatchObject({
      query: 'SELECT ?, ?',
      parameters: [{ value: 1 }, { value: ['SEA'] }],
    })
    expect(lookups).toEqual(['a'])
  })

  it('sends what it answered with, not what becomes of that later, and all as without a hook', async () => {
    await using server = await serve((_request, response) => response.end(three))
    const mine: string[] = ['mine']
    const first = hooked({
      sqlRequest: (request) => ({ ...request, context: { ...request.context, mine } }),
    })
    const second = extending('second', (it) =>
      it.queries({ sqlRequest: () => void mine.push('later') as undefined }),
    )
    const context = { at: new Date(0), big: 2n ** 60n, own: { toJSON: () => 'text' } } as object
    await using druid = connect(server.url, { extensions: [first, second], context })
    await druid.query('SELECT a')
    const body = server.by('POST')[0]?.body
    expect(body).toContain('"mine":["mine"]')
    expect(body).toContain('"at":"1970-01-01T00:00:00.000Z","big":1152921504606846976,"own":"text"')
  })

  it.each<[string, object]>([
    ['a function', { call: () => 1 }],
    [
      'what cannot be read',
      {
        get locked() {
          throw new Error('locked')
        },
      },
    ],
  ])('is given no query whose context holds %s', async (_, inner) => {
    const hooks: QueryHooks = { sqlRequest: () => undefined }
    const context = { inner } as object
    const transport = canned({ body: three })
    const druid = connect(URL_OF_DRUID, { extensions: [hooked(hooks)], transport, context })
    await expect(druid.query('SELECT a')).rejects.toMatchObject({
      code: 'CONFIG',
      option: 'context',
    })
  })

  it('that leaves the rows early ends the query on the server', async () => {
    await using server = await serve((request, response) => {
      if (request.method === 'DELETE') response.writeHead(202).end()
      else response.write(`${headerRows(A)}[1]\n`)
    })
    const first = hooked({
      async *rows(batches) {
        for await (const batch of batches) {
          yield batch
          return
        }
      },
    })
    const druid = connect(server.url, { extensions: [first] })
    expect(await druid.query('SELECT a')).toEqual([{ a: 1 }])
    await druid.close()
    expect(server.by('DELETE')).toHaveLength(1)
  })

  it('may give its batches at once, and is not told twice of the end', async () => {
    const returned: string[] = []
    const atOnce = hooked({ rows: () => [[{ a: 7 }]] as never })
    const failing = hooked({
      rows: () => ({
        [Symbol.asyncIterator]: () => ({
          next: () => Promise.reject(new Error('broken')),
          return: async () => {
            returned.push('return')
            return { done: true, value: undefined }
          },
        }),
      }),
    })
    const transport = canned({ body: three })
    const druid = connect(URL_OF_DRUID, { extensions: [atOnce], transport })
    expect(await druid.query('SELECT a')).toEqual([{ a: 7 }])
    const other = connect(URL_OF_DRUID, { extensions: [failing], transport })
    await expect(other.query('SELECT a')).rejects.toEqual(failed('rows hook failed: broken'))
    expect(returned).toEqual([])
  })

  it('that hides an error does not hide it', async () => {
    const hiding = hooked({
      async *rows(batches) {
        try {
          for await (const batch of batches) yield batch
        } catch {
          // Half a result would look whole.
        }
      },
    })
    const druid = connect(URL_OF_DRUID, {
      extensions: [hiding],
      transport: canned({ body: `${headerRows(A)}[1]\n` }),
    })
    await expect(druid.query('SELECT a')).rejects.toMatchObject({ code: 'TRUNCATED' })
  })

  it('maps the error that a query ends with', async () => {
    const explaining = hooked({
      error: (error) =>
        isDruidError(error, 'TRUNCATED')
          ? new Error('ask the operator', { cause: error })
          : undefined,
    })
    const druid = connect(URL_OF_DRUID, {
      extensions: [explaining],
      transport: canned({ body: headerRows(A) }),
    })
    await expect(druid.query('SELECT a')).rejects.toThrow('ask the operator')
  })

  it.each<[string, QueryHooks, string]>([
    [
      'throws in sqlRequest',
      { sqlRequest: () => Promise.reject(new Error('x')) },
      'sqlRequest hook failed: x',
    ],
    ['makes no request', { sqlRequest: () => ({}) as never }, 'its query is no text'],
    [
      'makes no context',
      { sqlRequest: () => ({ query: 'x' }) as never },
      'its context is no object',
    ],
    [
      'makes no batches',
      {
        rows: async function* () {
          yield 1 as never
        },
      },
      'no array of rows',
    ],
    [
      'makes rows of nothing',
      {
        rows: async function* () {
          yield [null as never]
        },
      },
      'rows hook failed: it made a row that is no object',
    ],
    ['is not iterable in rows', { rows: () => ({}) as never }, 'rows hook failed'],
    [
      'throws in rows',
      {
        rows: () => {
          throw new Error('y')
        },
      },
      'rows hook failed: y',
    ],
  ])('that %s fails the query, named', async (_, hooks, why) => {
    const druid = connect(URL_OF_DRUID, {
      extensions: [hooked(hooks)],
      transport: canned({ body: three }),
    })
    await expect(druid.query('SELECT a')).rejects.toEqual(failed(why))
    await expect(druid.columns('SELECT a')).rejects.toEqual(failed(why))
  })

  it('that throws in error, too', async () => {
    const throwing = hooked({
      error() {
        throw new Error('z')
      },
    })
    const druid = connect(URL_OF_DRUID, { extensions: [throwing], transport: canned({ body: '' }) })
    await expect(druid.query('SELECT a')).rejects.toEqual(failed('error hook failed: z'))
  })

  it('that never answers is left by an abort, and nothing was sent', async () => {
    await using server = await serve((_, response) => response.end(three))
    const hanging = hooked({ sqlRequest: () => new Promise(() => {}) })
    const druid = connect(server.url, { extensions: [hanging] })
    await expect(
      druid.query('SELECT a', { signal: AbortSignal.timeout(20) }),
    ).rejects.toMatchObject({
      code: 'TIMEOUT',
    })
    await druid.close()
    expect(server.arrived).toEqual([])
  })
})

describe('context.codec(nativeType, codec)', () => {
  const columns = [
    ['sketch', 'COMPLEX<HLLSketch>', 'OTHER'],
    ['a', 'LONG', 'BIGINT'],
  ] as const
  const coding = (codec: Codec) =>
    extending('sketches', (context) => context.codec('COMPLEX<HLLSketch>', codec))

  it('decodes every value of its type but null', async () => {
    const extension = coding({ decode: (value, column) => `${column.name}: ${value}` })
    const body = arrayLines(columns, '["\\"AgEHDA==\\"",1]', '[null,2]')
    const druid = connect(URL_OF_DRUID, { extensions: [extension], transport: canned({ body }) })
    expect(await druid.query('SELECT 1')).toEqual([
      { sketch: 'sketch: AgEHDA==', a: 1 },
      { sketch: null, a: 2 },
    ])
    expect(await druid.request('POST', '/x', {}, { expect: 'rows' })).toEqual([
      { sketch: 'sketch: AgEHDA==', a: 1 },
      { sketch: null, a: 2 },
    ])
  })

  it('that throws on row 500,000 loses no row: the value stays as it came, with one warning', async () => {
    const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    let row = 0
    const extension = coding({
      decode(value) {
        row += 1
        if (row >= 500_000) throw new Error('row 500,000')
        return { value }
      },
    })
    const lines = Array.from({ length: 500_010 }, () => '["Ag==",1]')
    const druid = connect(URL_OF_DRUID, {
      extensions: [extension],
      transport: canned({
        body: arrayLines(columns, ...lines.slice(0, 10)).replace(
          /\n\n$/,
          `\n${lines.slice(10).join('\n')}\n\n`,
        ),
      }),
    })
    const rows = await druid.query<{ sketch: unknown }>('SELECT 1')
    expect(rows).toHaveLength(500_010)
    expect(rows[499_998]?.sketch).toEqual({ value: 'Ag==' })
    expect(rows[499_999]?.sketch).toBe('Ag==')
    expect(emitWarning).toHaveBeenCalledTimes(1)
    expect(String(emitWarning.mock.calls[0]?.[0])).toContain(
      'its codec for COMPLEX<HLLSketch> failed on column "sketch": row 500,000',
    )
    emitWarning.mockRestore()
  })
})

it.each<[string, (context: RegistrationContext, fail: () => never) => void]>([
  ['codec', (context, fail) => context.codec('COMPLEX<HLLSketch>', { decode: fail })],
  ['mapper', (context, fail) => context.mapUrl(fail)],
])('a %s that says something else each time is warned of once', async (_, setup) => {
  const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  let times = 0
  const failing = extending('failing', (context) =>
    setup(context, () => {
      times += 1
      throw new Error(`time ${times}`)
    }),
  )
  const cluster = defineExtension({ name: 'cluster', cluster: FakeCluster })
  const body = arrayLines([['s', 'COMPLEX<HLLSketch>', 'OTHER']], '["a"]', '["b"]', '["c"]')
  const druid = open([failing, cluster], { transport: canned({ body }) })
  await druid.query('SELECT 1')
  const { context } = (druid as unknown as { cluster(): FakeCluster }).cluster()
  for (let i = 0; i < 3; i += 1) context.mapUrl({})
  expect(times).toBe(3)
  expect(emitWarning).toHaveBeenCalledOnce()
  emitWarning.mockRestore()
})

describe('context.formatter(name, formatter)', () => {
  const lines: Formatter<{ end?: string }> = {
    mediaType: 'text/plain',
    async *format(input, options) {
      yield (await input.columns).map((column) => column.name).join('|')
      for await (const batch of input) for (const row of batch) yield `\n${row.join('|')}`
      yield options?.end ?? ''
    },
  }
  const formatting = defineExtension({ name: 'formatting', formatters: { lines } })
  const connected = (body: string, formatter: Formatter = lines as Formatter) =>
    connect(URL_OF_DRUID, {
      extensions: [defineExtension({ name: 'formatting', formatters: { lines: formatter } })],
      transport: canned({ body }),
    })

  it('writes a result as one text, or piece by piece', async () => {
    const druid = connect(URL_OF_DRUID, {
      extensions: [formatting],
      transport: canned({ body: three }),
    })
    expect(await druid.format('SELECT a', 'lines', { end: '.' })).toBe('a\n1\n2\n3.')
    const stream = druid.formatStream('SELECT a', 'lines')
    expect(stream.mediaType).toBe('text/plain')
    const pieces: unknown[] = []
    for await (const piece of stream) pieces.push(piece)
    expect(pieces).toEqual(['a', '\n1', '\n2', '\n3', ''])
    expect(druid.extensions()[0]?.parts).toEqual(['formatter lines'])
  })

  it('knows the columns of a result without rows', async () => {
    expect(await connected(arrayLines(A)).format('SELECT a', 'lines')).toBe('a')
  })

  it('that hides an error does not hide it', async () => {
    const hiding: Formatter = {
      mediaType: 'text/plain',
      async *format(input) {
        try {
          for await (const batch of input) yield String(batch.length)
        } catch {
          yield 'fine'
        }
      },
    }
    const druid = connected(`${headerRows(A)}[1]\n`, hiding)
    await expect(druid.format('SELECT a', 'lines')).rejects.toMatchObject({ code: 'TRUNCATED' })
  })

  it.each<[string, () => AsyncIterable<string>, string]>([
    [
      'throws',
      async function* () {
        yield ''
        throw new Error('ink')
      },
      'formatter lines failed: ink',
    ],
    [
      'makes a piece that is none',
      async function* () {
        yield 1 as never
      },
      'a value of type number',
    ],
    ['is not iterable', () => ({}) as never, 'formatter lines failed'],
  ])('that %s rejects, named', async (_, format, why) => {
    const druid = connected(three, { mediaType: 'text/plain', format })
    await expect(druid.format('SELECT a', 'lines')).rejects.toEqual(failed(why))
  })

  it('may give its pieces at once, in a list', async () => {
    const list: Formatter = {
      mediaType: 'text/plain',
      format: () => ['a', 'b'] as unknown as AsyncIterable<string>,
    }
    expect(await connected(three, list).format('SELECT a', 'lines')).toBe('ab')
  })

  it('that throws while it still waits for the server rejects at once', async () => {
    await using server = await serve((request, response) => {
      if (request.method === 'DELETE') response.writeHead(202).end()
    })
    const hasty: Formatter = {
      mediaType: 'text/plain',
      async *format(input) {
        void input.columns
        await new Promise((resolve) => setTimeout(resolve, 20))
        throw new Error('no patience')
      },
    }
    const formatting = defineExtension({ name: 'formatting', formatters: { lines: hasty } })
    await using druid = connect(server.url, { extensions: [formatting] })
    await expect(druid.format('SELECT a', 'lines')).rejects.toEqual(failed('no patience'))
  })

  it('that is not there names those that are', async () => {
    const druid = connected(three) as unknown as { format(...args: string[]): Promise<string> }
    await expect(druid.format('SELECT a', 'csv')).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringContaining('there are lines'),
    })
  })

  it('that writes bytes is for formatStream()', async () => {
    const bytes: Formatter = {
      mediaType: 'application/octet-stream',
      async *format() {
        yield new Uint8Array([1])
      },
    }
    await expect(connected(three, bytes).format('SELECT a', 'lines')).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringContaining('use formatStream()'),
    })
  })

  it('ends the query when it is left', async () => {
    await using server = await serve((request, response) => {
      if (request.method === 'DELETE') response.writeHead(202).end()
      else response.write(`${headerRows(A)}[1]\n`)
    })
    const druid = connect(server.url, { extensions: [formatting] })
    for await (const _ of druid.formatStream('SELECT a', 'lines')) break
    await druid.close()
    expect(server.by('DELETE')).toHaveLength(1)
  })
})

describe('context.auth(name, create)', () => {
  const kerberos = (create: () => never) =>
    extending('tickets', (context) => context.auth('kerberos', create))

  it('is used where the application names it, and then only', async () => {
    await using server = await serve((request, response) =>
      response.end(JSON.stringify(request.headers)),
    )
    let made = 0
    const extension = kerberos((() => {
      made += 1
      return (request: { url: URL }) => ({ authorization: `Negotiate ${request.url.pathname}` })
    }) as never)
    await using silent = connect(server.url, { extensions: [extension] })
    expect(await silent.request<Arrived['headers']>('GET', '/a')).not.toHaveProperty(
      'authorization',
    )
    expect(made).toBe(0)
    await using druid = connect(server.url, { extensions: [extension], auth: 'kerberos' })
    expect(await druid.request('GET', '/a')).toMatchObject({ authorization: 'Negotiate /a' })
    expect(await druid.request('GET', '/b')).toMatchObject({ authorization: 'Negotiate /b' })
    expect(made).toBe(1)
  })

  it('that cannot be set up throws connect', () => {
    const extension = kerberos(() => {
      throw new Error('no ticket')
    })
    expect(() => open([extension], { auth: 'kerberos' })).toThrow(
      failed('extension "tickets": auth "kerberos" could not be set up: no ticket') as never,
    )
    expect(() => open([extension], { auth: 'ldap' })).toThrow(
      expect.objectContaining({
        code: 'CONFIG',
        message: expect.stringContaining('registered: kerberos'),
      }),
    )
  })

  it('that answers with no headers fails the request', async () => {
    const druid = open([kerberos((() => () => 'Negotiate x') as never)], { auth: 'kerberos' })
    await expect(druid.request('GET', '/x')).rejects.toEqual(failed('what are no headers'))
  })
})

describe('context.mapUrl(mapper)', () => {
  const contextOf = (...mappers: ((server: object) => unknown)[]): ClusterContext => {
    const extensions = mappers.map((mapper, i) =>
      extending(`mapper-${i}`, (context) => context.mapUrl(mapper as never)),
    )
    const cluster = defineExtension({ name: 'cluster', cluster: FakeCluster })
    const druid = connect(URL_OF_DRUID, {
      extensions: [...extensions, cluster] as never,
    }) as unknown as {
      cluster(): FakeCluster
    }
    return druid.cluster().context
  }

  it('takes the first answer', () => {
    const context = contextOf(
      () => undefined,
      (server) => `https://outside/${(server as { host: string }).host}`,
      () => 'http://never',
    )
    expect(context.mapUrl({ host: 'a' })).toEqual({
      url: new URL('https://outside/a'),
      extension: 'mapper-1',
    })
    expect(contextOf().mapUrl({ host: 'a' })).toBeUndefined()
  })

  it('gives each the row as Druid has it, whatever one does to its own', () => {
    const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const seen: unknown[] = []
    const context = contextOf(
      (server) => {
        Object.assign(server, { host: 'changed' })
      },
      (server) => void seen.push({ ...server }),
    )
    const row = { host: 'a' }
    context.mapUrl(row)
    expect(seen).toEqual([{ host: 'a' }])
    expect(row).toEqual({ host: 'a' })
    emitWarning.mockRestore()
  })

  it('passes over one that throws or answers nonsense, with one warning each', () => {
    const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const context = contextOf(
      () => {
        throw new Error('lost')
      },
      () => 'ftp://files',
      () => 'http://user:pw@good',
    )
    for (let i = 0; i < 3; i += 1) expect(context.mapUrl({})?.url.href).toBe('http://good/')
    expect(emitWarning.mock.calls.map(([message]) => String(message))).toEqual([
      expect.stringContaining('its mapUrl failed: lost; the next mapper is asked'),
      expect.stringContaining('begins with ftp:'),
    ])
    emitWarning.mockRestore()
  })
})

describe('context.onClose(cleanup)', () => {
  it('runs after all instances, the last registered first; errors are gathered', async () => {
    const log: string[] = []
    const closing = (name: string) =>
      plain(name, (context) => {
        context.client = class {
          [Symbol.dispose](): void {
            log.push(`instance ${name}`)
          }
        }
        context.onClose(() => {
          log.push(`close ${name}`)
          throw new Error(name)
        })
      })
    const druid = open([closing('a'), closing('b')])
    druid.aClient?.()
    const error = await druid.close().catch((it: unknown) => it)
    expect(log).toEqual(['instance a', 'close b', 'close a'])
    expect((error as AggregateError).errors).toHaveLength(2)
  })

  it('does not run for an extension that failed', async () => {
    let ran = false
    const broken = plain('broken', (context) => {
      context.onClose(() => {
        ran = true
      })
      throw new Error('no')
    })
    await open([broken]).close()
    expect(ran).toBe(false)
  })
})

describe('context.requires', () => {
  class Caller {
    readonly client: ExtensionHost
    constructor(client: ExtensionHost) {
      this.client = client
    }
  }
  const needing = (druid: string) =>
    defineExtension({ name: 'needing', client: Caller, requires: { druid } })
  const version = (text: string) =>
    serve((request, response) =>
      response.end(request.path === '/status' ? JSON.stringify({ version: text }) : '{}'),
    )

  it.each([
    ['>=28', '33.0.0', true],
    ['>=28 <33', '33.0.0', false],
    ['>=34', '33.0.0', false],
    ['33', '33.0.1', true],
    ['>33', '33.0.1', false],
    ['>33.0.0', '33.0.1', true],
    ['<=33.0', '33.0.5', true],
    ['>=34', 'some build', true],
    ['>=33', '33.0.0-SNAPSHOT', true],
  ])('druid %s lets its requests to %s pass: %s', async (range, actual, passes) => {
    await using server = await version(actual)
    await using druid = connect(server.url, { extensions: [needing(range)] })
    const { client } = druid.needingClient()
    const call = client.request('GET', '/x')
    if (passes) await call
    else {
      await expect(call).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: `extension "needing" needs Druid ${range}, and the server has ${actual}`,
      })
      await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: 'UNSUPPORTED' })
      expect(await druid.request('GET', '/x')).toEqual({})
    }
    await druid.close()
    expect(server.arrived.filter(({ path }) => path === '/status')).toHaveLength(1)
    expect(server.by('DELETE')).toEqual([])
  })

  it('holds for the services of roles and of the cluster, too', async () => {
    await using server = await version('27.0.0')
    class Role {
      readonly service: ServiceHost
      constructor(service: ServiceHost) {
        this.service = service
      }
    }
    class OwnCluster extends FakeCluster {
      override serviceHost(): ServiceHost {
        return this.context.service(new URL(server.url))
      }
    }
    const requires = { druid: '>=28' }
    const cluster = defineExtension({ name: 'cluster', cluster: OwnCluster, requires })
    const plainly = defineExtension({ name: 'plainly', roles: { bar: Role } })
    await using old = connect(server.url, { extensions: [cluster, plainly] })
    await expect(old.cluster().barClient().service.request('GET', '/x')).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    })

    const free = defineExtension({ name: 'cluster', cluster: OwnCluster })
    const needing = defineExtension({ name: 'needing', roles: { bar: Role }, requires })
    await using other = connect(server.url, { extensions: [free, needing] })
    const { service } = other.cluster().barClient()
    expect(service.url?.origin).toBe(server.url)
    await expect(service.request('GET', '/x')).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('extension "needing" needs Druid >=28'),
    })
    expect(server.arrived.filter(({ path }) => path === '/x')).toEqual([])
  })

  it.each<[string, unknown]>([
    ['text', 'imply'],
    ['an unknown key', { druids: '>=3' }],
    ['a range that is none', { druid: 'latest' }],
    ['names that are no list', { extensions: 'imply' }],
  ])('that is %s fails the extension', (_, requires) => {
    const broken = plain('broken', (context) => {
      context.requires = requires as never
    })
    expect(open([broken]).extensions()[0]).toMatchObject({
      status: 'failed',
      error: failed('requires'),
    })
  })
})

it.each<[string, (context: RegistrationContext) => void, RegExp]>([
  ['a formatter without a media type', (c) => c.formatter('x', {} as never), /no mediaType/],
  ['a formatter of two words', (c) => c.formatter('a b', {} as never), /must be one word/],
  [
    'a formatter that formats nothing',
    (c) => c.formatter('x', { mediaType: 'x' } as never),
    /format must be a function/,
  ],
  ['a codec of no type', (c) => c.codec('hll', { decode: String }), /native type/],
  [
    'one codec twice',
    (c) => {
      c.codec('STRING', { decode: String })
      c.codec('STRING', { decode: String })
    },
    /registered twice/,
  ],
  ['middleware that is none', (c) => c.use({} as never), /must be a function/],
  [
    'a phase that is none',
    (c) => c.use((r, next) => next(r), { phase: 'middle' as never }),
    /'early' or 'late'/,
  ],
  [
    'hooks that nobody knows',
    (c) => c.queries({ sqlRequests: () => undefined } as never),
    /did you mean "sqlRequest"/,
  ],
  ['a clean-up that is none', (c) => c.onClose(1 as never), /must be a function/],
  ['a provider that is none', (c) => c.auth('x', 1 as never), /must be a function/],
])('fails whole with %s', (_, setup, why) => {
  const [report] = open([plain('broken', setup)]).extensions()
  expect(report?.error?.message).toMatch(why)
})

it.each<[string, (context: RegistrationContext) => void]>([
  ['codec COMPLEX<x>', (context) => context.codec('COMPLEX<x>', { decode: String })],
  ['formatter csv', (c) => c.formatter('csv', { mediaType: 'text/csv', async *format() {} })],
  ['auth sso', (context) => context.auth('sso', () => () => ({}))],
])(
  'two extensions cannot have one %s: the first keeps it, the second fails whole',
  (what, setup) => {
    const both = (name: string) =>
      plain(name, (context) => {
        context.client = Thing
        setup(context)
      })
    const druid = open([both('a'), both('b')])
    const reports = druid.extensions()
    expect(reports.map(({ status }) => status)).toEqual(['active', 'failed'])
    expect(reports[1]?.error?.message).toContain(
      `${what} is already taken by the listed extension "a"; leave one of the two out, or give each a connection of its own`,
    )
    expect(() => druid.bClient?.()).toThrow(failed('is not active') as never)
    // A listed one comes before a discovered one, wherever that would stand.
    const set = {
      root: '/app',
      extensions: [
        {
          extension: both('a'),
          package: { name: 'druid-a', version: '1.2.3', path: '/app/a' },
          allowed: true,
          ms: 0,
        },
      ],
      reports: [],
    }
    const [listed, found] = open([both('z')], { discovered: set }).extensions()
    expect(listed).toMatchObject({ name: 'z', status: 'active' })
    expect(found?.error?.message).toBe(
      `extension "a" (druid-a 1.2.3, /app/a): ${what} is already taken by the listed extension "z"; leave one of the two out, or give each a connection of its own`,
    )
  },
)
