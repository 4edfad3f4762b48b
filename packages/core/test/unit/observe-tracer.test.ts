import { connect, type Tracer } from '@druid/core'
import {
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { arrayLines, beginResult, headerRows } from './reply.ts'
import { deadUrl, serve, type TestServer } from './server.ts'

const ONE = arrayLines([['n', 'LONG', 'BIGINT']], '[1]', '[2]')

function recording(): {
  tracer: ReturnType<BasicTracerProvider['getTracer']>
  spans(): ReadableSpan[]
} {
  const exporter = new InMemorySpanExporter()
  const spanProcessors = [new SimpleSpanProcessor(exporter)]
  const tracer = new BasicTracerProvider({ spanProcessors }).getTracer('app')
  return { tracer, spans: () => exporter.getFinishedSpans() }
}

/** Answers every query with two rows, and any other request with JSON. */
function answering(...statuses: readonly number[]): Promise<TestServer> {
  const left = [...statuses]
  return serve((request, response) => {
    const status = left.shift() ?? 200
    const body = request.path.startsWith('/druid/v2/sql') ? ONE : '{"a":1}'
    response.writeHead(status).end(status === 200 ? body : '{"error":"no SELECT"}')
  })
}

afterEach(() => context.disable())

describe.each([
  ['with a context manager', true],
  ['without a context manager', false],
])('the spans of a query, %s', (_, managed) => {
  it('are two: until the reply begins, and below it until the last row', async () => {
    if (managed) context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    await using server = await answering()
    const { tracer, spans } = recording()
    await using druid = connect(server.url, { tracer })
    await druid.query('SELECT 1', { queryId: 'mine' })
    const [request, stream] = spans() as [ReadableSpan, ReadableSpan]
    expect(spans().map(({ name }) => name)).toEqual(['druid.query', 'druid.query.stream'])
    expect(stream.parentSpanContext?.spanId).toBe(request.spanContext().spanId)
    expect(stream.spanContext().traceId).toBe(request.spanContext().traceId)
    expect([request.kind, stream.kind]).toEqual([SpanKind.CLIENT, SpanKind.CLIENT])
    const { hostname, port } = new URL(server.url)
    expect(request.attributes).toEqual({
      'db.system.name': 'druid',
      'db.operation.name': 'query',
      'db.response.status_code': '200',
      'druid.query_id': 'mine',
      'http.request.method': 'POST',
      'server.address': hostname,
      'server.port': Number(port),
      'url.path': '/druid/v2/sql',
    })
    expect(stream.attributes).toMatchObject({
      'db.system.name': 'druid',
      'db.response.returned_rows': 2,
      'druid.bytes': ONE.length,
      'druid.decode_ms': expect.any(Number),
      'druid.first_byte_ms': expect.any(Number),
      'druid.outcome': 'done',
      'druid.query_id': 'mine',
    })
    expect(request.status.code).toBe(SpanStatusCode.UNSET)
    expect(stream.status.code).toBe(SpanStatusCode.UNSET)
  })
})

describe('the parent', () => {
  it('is the span that is active where a query is asked for', async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    await using server = await answering()
    const { tracer, spans } = recording()
    await using druid = connect(server.url, { tracer })
    await tracer.startActiveSpan('page', async (page) => {
      await Promise.all([druid.query('SELECT 1'), druid.request('GET', '/x')])
      page.end()
    })
    const page = spans().find(({ name }) => name === 'page') as ReadableSpan
    const below = spans().filter((it) => it.parentSpanContext?.spanId === page.spanContext().spanId)
    expect(below.map(({ name }) => name).sort()).toEqual(['druid.query', 'druid.request'])
    expect(new Set(spans().map((span) => span.spanContext().traceId)).size).toBe(1)
  })

  it('of what is traced in the transport is the span of the request', async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    await using server = await answering()
    const { tracer, spans } = recording()
    const active: (Span | undefined)[] = []
    await using druid = connect(server.url, {
      tracer,
      auth: () => {
        active.push(trace.getActiveSpan())
        return {}
      },
    })
    await druid.query('SELECT 1')
    expect(active[0]?.spanContext().spanId).toBe(spans()[0]?.spanContext().spanId)
  })

  it('is given in a context that a processor can read and extend', async () => {
    await using server = await answering()
    const { tracer, spans } = recording()
    const key = Symbol('key')
    const contexts: Context[] = []
    const watching: Tracer = {
      startSpan(name, options, parent = ROOT_CONTEXT) {
        contexts.push(parent as Context)
        return tracer.startSpan(name, options, parent as Context)
      },
    }
    await using druid = connect(server.url, { tracer: watching })
    await druid.query('SELECT 1')
    const [, parent] = contexts as [Context, Context]
    expect(trace.getSpan(parent)?.spanContext().spanId).toBe(spans()[0]?.spanContext().spanId)
    const more = parent.setValue(key, 1)
    expect([more.getValue(key), parent.getValue(key)]).toEqual([1, undefined])
    expect(trace.getSpan(more)).toBe(trace.getSpan(parent))
    expect(more.deleteValue(key).getValue(key)).toBeUndefined()
    expect(trace.getSpan(trace.deleteSpan(more))).toBeUndefined()
  })
})

describe('a failure', () => {
  it('of Druid is on the first span: its code and status, and not its words', async () => {
    await using server = await answering(500)
    const { tracer, spans } = recording()
    await using druid = connect(server.url, { tracer })
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({ code: 'SERVER' })
    const [span, ...others] = spans()
    expect(others).toEqual([])
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR })
    expect(span?.attributes).toMatchObject({
      'db.response.status_code': '500',
      'druid.outcome': 'failed',
      'error.type': 'SERVER',
    })
  })

  it('of the network tells what is ours to tell, and each attempt', async () => {
    const { tracer, spans } = recording()
    await using druid = connect(await deadUrl(), { tracer, retry: { attempts: 2 } })
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({ code: 'CONNECT' })
    const [span] = spans() as [ReadableSpan]
    expect(span.status.message).toContain('nothing answers there')
    expect(span.attributes['error.type']).toBe('CONNECT')
    expect(span.events).toMatchObject([
      { name: 'druid.retry', attributes: { 'druid.attempt': 1, 'error.type': 'CONNECT' } },
    ])
  })

  it('of one server leads to the name of the other', async () => {
    await using server = await answering()
    const { tracer, spans } = recording()
    await using druid = connect([await deadUrl(), server.url], { tracer })
    await druid.query('SELECT 1')
    const port = Number(new URL(server.url).port)
    expect(spans().map(({ attributes }) => attributes['server.port'])).toEqual([port, port])
  })

  it('at an IPv6 address names it without brackets', async () => {
    const { tracer, spans } = recording()
    await using druid = connect('http://[::1]:1', { tracer, retry: false })
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({ code: 'CONNECT' })
    expect(spans()[0]?.attributes).toMatchObject({ 'server.address': '::1', 'server.port': 1 })
  })

  it('before anything is sent has a span, too', async () => {
    await using server = await answering()
    const { tracer, spans } = recording()
    await using druid = connect(server.url, { tracer })
    const signal = AbortSignal.abort()
    await expect(druid.query('SELECT 1', { signal })).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(spans().map(({ name }) => name)).toEqual(['druid.query'])
    expect(spans()[0]?.attributes['error.type']).toBe('CANCELLED')
  })

  it('while rows come is on the second, with the rows so far', async () => {
    await using server = await serve((_, response) => {
      beginResult(response)
      response.end(`${headerRows([['n', 'LONG', 'BIGINT']])}[1]\n`)
    })
    const { tracer, spans } = recording()
    await using druid = connect(server.url, { tracer })
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({ code: 'TRUNCATED' })
    const [request, stream] = spans()
    expect(request?.status.code).toBe(SpanStatusCode.UNSET)
    expect(stream?.status).toEqual({ code: SpanStatusCode.ERROR })
    expect(stream?.attributes).toMatchObject({
      'db.response.returned_rows': 1,
      'error.type': 'TRUNCATED',
    })
  })

  it('that is no DruidError has a type, too', async () => {
    const { tracer, spans } = recording()
    const transport = {
      name: 'own',
      request: () => Promise.reject(new TypeError('odd')),
      close: async () => {},
    }
    await using druid = connect('http://druid:8888', { tracer, transport })
    await expect(druid.query('SELECT 1')).rejects.toThrow('odd')
    expect(spans()[0]?.attributes['error.type']).toBe('OTHER')
  })
})

describe('other calls', () => {
  it('a stream that is left, and the DELETE that follows', async () => {
    await using server = await serve((request, response) => {
      if (request.method === 'DELETE') return response.writeHead(202).end()
      beginResult(response)
      return response.write(`${headerRows([['n', 'LONG', 'BIGINT']])}[1]\n`)
    })
    const { tracer, spans } = recording()
    await using druid = connect(server.url, { tracer })
    for await (const _ of druid.stream('SELECT 1', { queryId: 'left' })) break
    await vi.waitFor(() => expect(spans()).toHaveLength(3))
    const [, stream, cancel] = spans()
    expect(stream?.attributes['druid.outcome']).toBe('left')
    expect(stream?.status.code).toBe(SpanStatusCode.UNSET)
    expect(cancel?.name).toBe('druid.cancel')
    expect(cancel?.attributes).toMatchObject({
      'db.response.status_code': '202',
      'druid.cancel': 'accepted',
      'druid.query_id': 'left',
    })
  })

  it('a plain request has one span, and a retry is an event of it', async () => {
    await using server = await answering(503)
    const { tracer, spans } = recording()
    await using druid = connect(server.url, { tracer })
    await druid.request('GET', '/x?token=s3cr3t')
    expect(spans()).toHaveLength(1)
    const [span] = spans() as [ReadableSpan]
    expect(span.name).toBe('druid.request')
    expect(span.attributes).toMatchObject({
      'db.response.status_code': '200',
      'http.request.method': 'GET',
      'url.path': '/x',
    })
    expect(span.events).toMatchObject([{ attributes: { 'db.response.status_code': '503' } }])
  })

  it('a native query', async () => {
    await using server = await serve((_, response) => response.end('[]'))
    const { tracer, spans } = recording()
    await using druid = connect(server.url, { tracer })
    await druid.native({ queryType: 'timeBoundary', dataSource: 'flights' })
    expect(spans().map(({ name }) => name)).toEqual(['druid.native', 'druid.native.stream'])
  })
})

describe('the text of a query', () => {
  it('is there only where it is asked for, and without values', async () => {
    await using server = await answering()
    const { sql } = await import('@druid/core')
    const statement = sql`SELECT ${'s3cr3t'} AS a`
    for (const observeText of [undefined, true]) {
      const { tracer, spans } = recording()
      await using druid = connect(server.url, { tracer, observeText })
      await druid.query(statement)
      const text = observeText ? 'SELECT ? AS a' : undefined
      expect(spans().map(({ attributes }) => attributes['db.query.text'])).toEqual([text, text])
    }
  })

  it('brings what Druid says of it', async () => {
    await using server = await answering(500)
    const { tracer, spans } = recording()
    await using druid = connect(server.url, { tracer, observeText: true })
    await expect(druid.query('SELECT 1')).rejects.toThrow()
    expect(spans()[0]?.status.message).toContain('no SELECT')
  })
})

describe('a tracer that fails', () => {
  const broken = (): never => {
    throw new Error('the tracer is broken')
  }
  const span = { setAttributes: broken, setStatus: broken, addEvent: broken, end: broken }
  it.each<[string, Tracer]>([
    ['in startSpan', { startSpan: broken }],
    ['in startActiveSpan', { startSpan: broken, startActiveSpan: broken }],
    ['in every method of a span', { startSpan: () => span }],
    ['by giving no span', { startSpan: () => undefined as never }],
    ['by never running the work', { startSpan: () => span, startActiveSpan: (() => {}) as never }],
    [
      'by running the work twice',
      {
        startSpan: () => span,
        startActiveSpan(_name, _options, work) {
          work(span)
          return work(span)
        },
      },
    ],
    [
      'after the work began',
      {
        startSpan: () => span,
        startActiveSpan(_name, _options, work) {
          work(span)
          return broken()
        },
      },
    ],
  ])('%s changes nothing', async (_, tracer) => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    try {
      await using server = await answering(503)
      await using druid = connect(server.url, { tracer })
      expect(await druid.query('SELECT 1')).toEqual([{ n: 1 }, { n: 2 }])
      expect(server.arrived).toHaveLength(2)
      await expect(druid.request('GET', '/x')).resolves.toEqual({ a: 1 })
    } finally {
      warned.mockRestore()
    }
  })

  it('is refused at once where it is none', () => {
    expect(() => connect('http://druid:8888', { tracer: {} as never })).toThrow(
      "connect: tracer is one of OpenTelemetry, e.g. trace.getTracer('app')",
    )
  })
})
