import { connect } from '@druid/core'
import { datasketches } from '@druid/datasketches'
import { describe, expect, it } from 'vitest'
import { answering } from '../answering.ts'

/** The query context that a statement is sent with. */
async function contextOf(text: string, context: Record<string, unknown> = {}): Promise<object> {
  const fake = answering({ a: 'STRING' })
  await using druid = connect(fake.url, { extensions: [datasketches], transport: fake.transport })
  await druid.query(text, { context, queryId: 'q' })
  return fake.queries[0]?.context ?? {}
}

describe('sqlFinalizeOuterSketches', () => {
  it('is false for statements that make a sketch', async () => {
    for (const call of ['DS_HLL(a)', 'ds_theta(a)', 'DS_QUANTILES_SKETCH (a, 64)', '"DS_HLL"(a)']) {
      expect(await contextOf(`SELECT ${call} FROM t`, { priority: 1 })).toEqual({
        sqlQueryId: 'q',
        priority: 1,
        sqlFinalizeOuterSketches: false,
      })
    }
  })

  it('is not sent with others: a server may not let everyone set query context', async () => {
    for (const text of [
      'SELECT a FROM t',
      'SELECT APPROX_COUNT_DISTINCT_DS_HLL(a) FROM t',
      'SELECT HLL_SKETCH_ESTIMATE(h) FROM t',
      'SELECT DS_HLLS FROM t',
    ]) {
      expect(await contextOf(text)).toEqual({ sqlQueryId: 'q' })
    }
  })

  it('is what the caller says', async () => {
    const text = 'SELECT DS_HLL(a) FROM t'
    for (const finalize of [true, false, null]) {
      const context = { sqlFinalizeOuterSketches: finalize }
      expect(await contextOf(text, context)).toEqual({ sqlQueryId: 'q', ...context })
    }
  })

  it("is what the connection's default context says", async () => {
    const fake = answering({ a: 'STRING' })
    await using druid = connect(fake.url, {
      extensions: [datasketches],
      transport: fake.transport,
      context: { sqlFinalizeOuterSketches: true },
    })
    await druid.query('SELECT DS_HLL(a) FROM t')
    expect(fake.queries[0]?.context).toMatchObject({ sqlFinalizeOuterSketches: true })
  })
})
