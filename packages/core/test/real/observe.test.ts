import { connect, type EndEvent, sql } from '@druid/core'
import { SpanStatusCode } from '@opentelemetry/api'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { expect, inject, it, vi } from 'vitest'

const url = inject('druidUrl')

/** Sends rows at once, and then none for many seconds. */
const HALTING =
  "SELECT origin, delay FROM flights UNION ALL SELECT 'all', n FROM (SELECT SUM(a.delay * b.delay) AS n FROM flights a JOIN flights b ON a.destination = b.origin JOIN flights c ON b.destination = c.origin)"

function recording(): {
  tracer: ReturnType<BasicTracerProvider['getTracer']>
  spans(): ReadableSpan[]
} {
  const exporter = new InMemorySpanExporter()
  const spanProcessors = [new SimpleSpanProcessor(exporter)]
  const tracer = new BasicTracerProvider({ spanProcessors }).getTracer('app')
  return { tracer, spans: () => exporter.getFinishedSpans() }
}

it('a query of a real Druid has a span until its reply begins, and one for its rows', async () => {
  const { tracer, spans } = recording()
  await using druid = connect(url, { tracer })
  const { queryId } = await druid.query('SELECT origin FROM flights LIMIT 1000')
  expect(spans()).toMatchObject([
    {
      name: 'druid.query',
      attributes: { 'db.response.status_code': '200', 'druid.query_id': queryId },
    },
    {
      name: 'druid.query.stream',
      attributes: { 'db.response.returned_rows': 1000, 'druid.outcome': 'done' },
    },
  ])
  await druid.native({ queryType: 'timeBoundary', dataSource: 'flights' })
  await druid.version()
  expect(
    spans()
      .slice(2)
      .map(({ name }) => name),
  ).toEqual(['druid.native', 'druid.native.stream', 'druid.request'])
})

it('what a real Druid quotes of a statement is for the caller alone', async () => {
  const { tracer, spans } = recording()
  const lines: string[] = []
  const events: object[] = []
  await using druid = connect(url, {
    tracer,
    log: { error: (line) => lines.push(line) },
    hooks: { error: (event) => events.push(event), end: (event) => events.push(event) },
  })
  const query = druid.query(sql`SELECT secret_column FROM flights WHERE origin = ${'SEA'}`)
  await expect(query).rejects.toThrow('secret_column')
  expect(lines).toHaveLength(1)
  expect(events).toHaveLength(2)
  const [span] = spans() as [ReadableSpan]
  expect(span.status).toEqual({ code: SpanStatusCode.ERROR })
  expect(span.attributes['error.type']).toBe('INVALID_INPUT')
  const seen = JSON.stringify([lines, events, span.attributes, span.events, span.status])
  expect(seen).not.toContain('secret_column')
  expect(seen).not.toContain('SEA')
})

it('a stream that is left tells what a real Druid said to its DELETE', async () => {
  const ends: EndEvent[] = []
  await using druid = connect(url, { hooks: { end: (event) => ends.push(event) } })
  const all = druid.stream(HALTING, { context: { timeout: 20_000 } })
  for await (const _ of all) break
  await vi.waitFor(() => expect(ends).toHaveLength(2), { timeout: 10_000 })
  // Between the parts of a UNION ALL the server may not know it.
  expect(ends).toMatchObject([
    { operation: 'query', queryId: all.queryId, outcome: 'left', rows: expect.any(Number) },
    {
      operation: 'cancel',
      queryId: all.queryId,
      cancel: expect.stringMatching(/^(accepted|unknown)$/),
    },
  ])
})
