import { setTimeout as sleep } from 'node:timers/promises'
import { connect, isDruidError } from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import { describe, expect, inject, it } from 'vitest'

/** Runs for many seconds before its first row. */
const SLOW =
  'SELECT SUM(a.delay * b.delay) FROM flights a JOIN flights b ON a.destination = b.origin JOIN flights c ON b.destination = c.origin'
/** Sends rows at once, and more than anybody waits for. */
const LONG =
  'SELECT a.origin, a.delay, b.distance, b.destination FROM flights a, flights b WHERE a.destination = b.origin'

/** Should one not be stopped, the tests after these must not wait for it. */
const context = { timeout: 20_000 }

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
])('giving up a query, transport %s', (_, transport) => {
  // The Broker itself, as a 404 of the Router proves nothing.
  const broker = connect(inject('brokerUrl'), { transport, context })

  /** Whether the Broker still knows the query; asks by trying to cancel it. */
  async function isKnown(queryId: string): Promise<boolean> {
    return broker.request('DELETE', `/druid/v2/sql/${queryId}`, undefined, { expect: 'text' }).then(
      () => true,
      (error: unknown) => {
        if (isDruidError(error, 'NOT_FOUND')) return false
        throw error
      },
    )
  }

  it('ends it on the server when its signal is aborted', async () => {
    const abort = new AbortController()
    const queryId = crypto.randomUUID()
    const running = broker.query(SLOW, { signal: abort.signal, queryId })
    setTimeout(() => abort.abort(), 700)
    const error = await running.catch((caught: unknown) => caught)
    expect(isDruidError(error, 'CANCELLED') && (await error.serverCancel)).toBe('accepted')
    await expect.poll(() => isKnown(queryId), { timeout: 10_000 }).toBe(false)
  })

  it('is a TIMEOUT when the signal says so', async () => {
    const signal = AbortSignal.timeout(500)
    await expect(broker.query(SLOW, { signal })).rejects.toMatchObject({ code: 'TIMEOUT' })
  })

  it('ends it on the server when a loop is left', async () => {
    const queryId = crypto.randomUUID()
    for await (const row of broker.stream(LONG, { queryId })) {
      expect(row).toBeTypeOf('object')
      break
    }
    await sleep(200)
    await expect.poll(() => isKnown(queryId), { timeout: 10_000 }).toBe(false)
  })

  it('ends it on the server when the connection is closed', async () => {
    const other = connect(inject('brokerUrl'), { transport, context })
    const queryId = crypto.randomUUID()
    const running = other.query(SLOW, { queryId }).catch((error: unknown) => error)
    await sleep(700)
    await other.close()
    expect(await running).toMatchObject({ code: 'CLOSED' })
    expect(await isKnown(queryId)).toBe(false)
  })
})
