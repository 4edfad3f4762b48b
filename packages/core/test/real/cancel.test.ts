import { type CallTimeouts, connect, isDruidError } from '@druid/core'
import { defineExtension } from '@druid/core/extension'
import { fetchTransport } from '@druid/core/fetch'
import { describe, expect, inject, it } from 'vitest'
import { ends, idles, processes, starts } from './threads.ts'

/** Runs for many seconds before its first row. */
const SLOW =
  'SELECT SUM(a.delay * b.delay) AS n FROM flights a JOIN flights b ON a.destination = b.origin JOIN flights c ON b.destination = c.origin'
/**
 * Sends rows at once, and then none for many seconds: a query that writes notices by itself that
 * nobody reads any more.
 */
const HALTING = `SELECT origin, destination, delay FROM flights UNION ALL SELECT 'all', 'all', n FROM (${SLOW})`

/** Should one not be stopped, the tests after these must not wait for it. */
const context = { timeout: 20_000 }

/** What the server answers to a DELETE of our own: 202 for a query that it runs, else 404. */
async function cancelStatus(queryId: string): Promise<number> {
  const { origin, username, password } = new URL(inject('brokerUrl'))
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const response = await fetch(`${origin}/druid/v2/sql/${queryId}`, {
    method: 'DELETE',
    headers: username ? { authorization: `Basic ${Buffer.from(user).toString('base64')}` } : {},
  })
  await response.body?.cancel()
  return response.status
}

/** Nothing of it is left: no thread of Broker and Historical is at work, and the server knows no such query. */
async function isGone(queryId: string): Promise<void> {
  await ends(queryId)
  await idles()
  expect(await cancelStatus(queryId)).toBe(404)
}

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
])('102 Cancel SQL, transport %s', (_, transport) => {
  // The Broker itself, as a 404 of the Router proves nothing.
  const broker = connect(inject('brokerUrl'), { transport, context })

  it('ends it on the server when its signal is aborted', async () => {
    const abort = new AbortController()
    const queryId = crypto.randomUUID()
    const running = broker.query(SLOW, { signal: abort.signal, queryId })
    const failed = running.catch((error: unknown) => error)
    await starts(queryId)
    await processes()
    abort.abort()
    const error = await failed
    expect(isDruidError(error, 'CANCELLED') && (await error.serverCancel)).toBe('accepted')
    await isGone(queryId)
  })

  it('is a TIMEOUT when the signal says so, and ends it, too', async () => {
    const queryId = crypto.randomUUID()
    const signal = AbortSignal.timeout(2_000)
    const failed = broker.query(SLOW, { signal, queryId }).catch((error: unknown) => error)
    await starts(queryId)
    expect(await failed).toMatchObject({ code: 'TIMEOUT' })
    await isGone(queryId)
  })

  it('ends it on the server when a loop is left', async () => {
    const queryId = crypto.randomUUID()
    for await (const row of broker.stream(HALTING, { queryId })) {
      expect(row).toBeTypeOf('object')
      await starts(queryId)
      break
    }
    await isGone(queryId)
  })

  it('ends it on the server by its id, from another connection', async () => {
    const queryId = crypto.randomUUID()
    const failed = broker.query(SLOW, { queryId }).catch((error: unknown) => error)
    await starts(queryId)
    await using other = connect(inject('druidUrl'), { transport })
    expect(await other.cancel(queryId)).toBe('accepted')
    expect(await failed).toMatchObject({ code: expect.stringMatching(/SERVER|TRUNCATED/), queryId })
    await isGone(queryId)
    expect(await broker.cancel(queryId)).toBe('unknown')
  })

  it('ends it on the server when the connection is closed', async () => {
    const other = connect(inject('brokerUrl'), { transport, context })
    const queryId = crypto.randomUUID()
    const failed = other.query(SLOW, { queryId }).catch((error: unknown) => error)
    await starts(queryId)
    await other.close()
    expect(await failed).toMatchObject({ code: 'CLOSED' })
    await isGone(queryId)
  })
})

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
])('104 Abort signal, transport %s', (_, transport) => {
  const broker = connect(inject('brokerUrl'), { transport, context })
  type Given = { readonly signal: AbortSignal; readonly queryId: string }
  const drain = async (rows: AsyncIterable<unknown>): Promise<void> => {
    for await (const __ of rows);
  }

  it.each<[string, (options: Given) => Promise<unknown>]>([
    ['query', (options) => broker.query(SLOW, options)],
    ['one', (options) => broker.one(SLOW, options)],
    ['value', (options) => broker.value(SLOW, options)],
    ['columns', (options) => broker.columns(SLOW, options)],
    ['raw', (options) => broker.raw(SLOW, options)],
    ['stream', (options) => drain(broker.stream(SLOW, options))],
    ['batches', (options) => drain(broker.stream(SLOW, options).batches())],
    ['stream columns', (options) => drain(broker.stream(SLOW, options).columns())],
    ['a derived client', ({ signal, queryId }) => broker.with({ signal }).query(SLOW, { queryId })],
  ])('%s: is CANCELLED with the reason, and ended on the server', async (__, run) => {
    const abort = new AbortController()
    const queryId = crypto.randomUUID()
    const failed = run({ signal: abort.signal, queryId }).catch((error: unknown) => error)
    await starts(queryId)
    // A join is several queries one after the other: Druid forgets a DELETE that comes between two.
    await new Promise((resolve) => setTimeout(resolve, 500))
    const reason = new Error('nobody waits any more')
    abort.abort(reason)
    const error = await failed
    expect(error).toMatchObject({ code: 'CANCELLED', queryId, cause: reason })
    expect(isDruidError(error, 'CANCELLED') && (await error.serverCancel)).toBe('accepted')
    await isGone(queryId)
  })

  it('in the middle of the rows, also while none is asked for', async () => {
    const abort = new AbortController()
    const queryId = crypto.randomUUID()
    const rows = broker.stream(HALTING, { signal: abort.signal, queryId })[Symbol.asyncIterator]()
    expect((await rows.next()).done).toBe(false)
    await starts(queryId)
    abort.abort()
    await isGone(queryId)
    await expect(drain({ [Symbol.asyncIterator]: () => rows })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
  })

  it('of plain requests, metadata and version', async () => {
    const signal = AbortSignal.abort(new Error('too late'))
    const late = expect.objectContaining({ code: 'CANCELLED' })
    await expect(broker.version({ signal })).rejects.toEqual(late)
    await expect(broker.request('GET', '/status', undefined, { signal })).rejects.toEqual(late)
    await expect(broker.with({ signal }).metadata.schemas()).rejects.toEqual(late)
    await expect(broker.cancel('any', { signal })).rejects.toEqual(late)
  })
})

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
])('timeouts of the client, transport %s', (_, transport) => {
  it.each<[phase: keyof CallTimeouts, when: string, statement: string]>([
    ['total', 'before the first row', SLOW],
    ['total', 'in the middle of the rows', HALTING],
    ['firstByte', 'before the first row', SLOW],
    ['idle', 'in the middle of the rows', HALTING],
  ])('%s, %s: is a TIMEOUT, and ends it on the server', async (phase, __, statement) => {
    const answers: number[] = []
    const watching = defineExtension({
      name: 'watching',
      setup(context) {
        context.use(async (request, next) => {
          const reply = await next(request)
          if (request.method === 'DELETE') answers.push(reply.status)
          return reply
        })
        return context.define({})
      },
    })
    // Long enough to be at work then; Druid itself would give up much later.
    const timeout: CallTimeouts = { [phase]: 3_000 }
    const extensions = [watching] as const
    await using broker = connect(inject('brokerUrl'), { transport, context, timeout, extensions })
    const queryId = crypto.randomUUID()
    const read = async (): Promise<void> => {
      for await (const row of broker.stream(statement, { queryId }))
        expect(row).toBeTypeOf('object')
    }
    await expect(read()).rejects.toMatchObject({ code: 'TIMEOUT', phase })
    await expect.poll(() => answers.at(-1), { timeout: 10_000 }).toBe(202)
    await isGone(queryId)
  })
})
