import { connect, isDruidError } from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import { describe, expect, inject, it } from 'vitest'
import { ends, starts } from './threads.ts'

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

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
])('giving up a query, transport %s', (_, transport) => {
  // The Broker itself, as a 404 of the Router proves nothing.
  const broker = connect(inject('brokerUrl'), { transport, context })

  it('ends it on the server when its signal is aborted', async () => {
    const abort = new AbortController()
    const queryId = crypto.randomUUID()
    const running = broker.query(SLOW, { signal: abort.signal, queryId })
    const failed = running.catch((error: unknown) => error)
    await starts(queryId)
    abort.abort()
    const error = await failed
    expect(isDruidError(error, 'CANCELLED') && (await error.serverCancel)).toBe('accepted')
    await ends(queryId)
  })

  it('is a TIMEOUT when the signal says so, and ends it, too', async () => {
    const queryId = crypto.randomUUID()
    const signal = AbortSignal.timeout(2_000)
    const failed = broker.query(SLOW, { signal, queryId }).catch((error: unknown) => error)
    await starts(queryId)
    expect(await failed).toMatchObject({ code: 'TIMEOUT' })
    await ends(queryId)
  })

  it('ends it on the server when a loop is left', async () => {
    const queryId = crypto.randomUUID()
    for await (const row of broker.stream(HALTING, { queryId })) {
      expect(row).toBeTypeOf('object')
      await starts(queryId)
      break
    }
    await ends(queryId)
  })

  it('ends it on the server when the connection is closed', async () => {
    const other = connect(inject('brokerUrl'), { transport, context })
    const queryId = crypto.randomUUID()
    const failed = other.query(SLOW, { queryId }).catch((error: unknown) => error)
    await starts(queryId)
    await other.close()
    expect(await failed).toMatchObject({ code: 'CLOSED' })
    await ends(queryId)
  })
})
