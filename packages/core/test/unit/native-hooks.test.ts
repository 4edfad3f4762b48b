import { connect, custom, isDruidError } from '@druid/core'
import { defineExtension, type HookCall, type QueryHooks } from '@druid/core/extension'
import { describe, expect, it } from 'vitest'
import { canned } from './reply.ts'
import { type Arrived, serve } from './server.ts'

const scan = {
  queryType: 'scan',
  dataSource: 'flights',
  intervals: '2001/2002',
  filter: { type: 'in', dimension: 'origin', values: ['SEA'] },
} as const
const groupBy = {
  queryType: 'groupBy',
  dataSource: 'flights',
  intervals: '2001/2002',
  granularity: 'all',
  dimensions: ['origin'],
} as const
const ROWS = '[{"segmentId":"s","columns":["a"],"events":[[1],[2]]}]'

const hooked = (hooks: QueryHooks) =>
  defineExtension({ name: 'hooked', setup: (context) => context.queries(hooks) })
const replied = (hooks: QueryHooks, body = ROWS) =>
  connect('http://druid:8888', { extensions: [hooked(hooks)], transport: canned({ body }) })

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const row of rows) list.push(row)
  return list
}

describe('context.queries({ nativeRequest, rows, error })', () => {
  it('changes what is asked for, one after the other, but neither id nor form', async () => {
    await using server = await serve((_, response) => response.end('[]'))
    const mine = {
      type: 'equals',
      column: 'tenant',
      matchValueType: 'STRING',
      matchValue: 'a',
    } as const
    const onlyMine = hooked({
      nativeRequest(query) {
        const filter = 'filter' in query ? query.filter : undefined
        return { ...query, filter: filter ? { type: 'and', fields: [filter, mine] } : mine }
      },
    })
    const slower = defineExtension({
      name: 'slower',
      setup: (context) =>
        context.queries({
          nativeRequest: async (query) => ({
            ...query,
            resultFormat: 'list',
            context: { priority: -1, queryId: 'mine', bySegment: true, resultAsArray: true },
          }),
        }),
    })
    const druid = connect(server.url, { extensions: [onlyMine, slower] })
    const query = { ...scan, resultFormat: 'compactedList' } as const
    await druid.native(query, { queryId: 'q1' })
    expect(JSON.parse((server.arrived[0] as Arrived).body)).toEqual({
      ...query,
      filter: {
        type: 'and',
        fields: [scan.filter, mine],
      },
      context: { priority: -1, queryId: 'q1' },
    })
  })

  it('sees a copy that it cannot change in place', async () => {
    const seen: unknown[] = []
    const druid = replied({
      nativeRequest(query) {
        seen.push(query)
        const { filter } = query as unknown as { filter: { values: string[] } }
        expect(() => filter.values.push('LAX')).toThrow(TypeError)
        return undefined
      },
    })
    await druid.native(scan)
    expect(seen).toMatchObject([scan])
    expect(scan.filter.values).toEqual(['SEA'])
  })

  it('sees the rows of a stream, and the elements of native(), and is told which', async () => {
    const calls: HookCall[] = []
    const druid = replied({
      nativeRequest(_, call) {
        call.state.began = true
        return undefined
      },
      async *rows(batches, call) {
        calls.push(call)
        for await (const batch of batches) yield batch.map((row) => ({ ...row, seen: true }))
      },
    })
    expect(await all(druid.streamNative(scan, { queryId: 'q1' }))).toEqual([
      { a: 1, seen: true },
      { a: 2, seen: true },
    ])
    expect(await druid.native(scan)).toEqual([
      { segmentId: 's', columns: ['a'], events: [[1], [2]], seen: true },
    ])
    expect(calls).toMatchObject([
      { queryId: 'q1', language: 'native', items: 'rows', state: { began: true } },
      { language: 'native', items: 'elements' },
    ])
  })

  it('is told of SQL as such', async () => {
    const calls: HookCall[] = []
    const druid = connect('http://druid:8888', {
      extensions: [
        hooked({
          nativeRequest: () => {
            throw new Error('this is no native query')
          },
          sqlRequest(_, call) {
            calls.push(call)
            return undefined
          },
        }),
      ],
      transport: canned({ body: '["a"]\n["LONG"]\n["BIGINT"]\n[1]\n\n' }),
    })
    expect(await druid.query('SELECT 1 AS a')).toEqual([{ a: 1 }])
    expect(calls).toMatchObject([{ language: 'sql', items: 'rows' }])
  })

  it('that hides an error does not hide it, and may map it', async () => {
    const hiding = replied(
      {
        async *rows(batches) {
          try {
            for await (const batch of batches) yield batch
          } catch {
            // Half a result would look whole.
          }
        },
      },
      ROWS.slice(0, -1),
    )
    await expect(all(hiding.streamNative(scan))).rejects.toMatchObject({
      code: 'TRUNCATED',
      rows: 2,
    })
    const mapping = replied(
      {
        error: (error) =>
          isDruidError(error, 'TRUNCATED') ? new Error('ask the operator') : undefined,
      },
      '[',
    )
    await expect(mapping.native(scan)).rejects.toThrow('ask the operator')
  })

  it.each<[string, QueryHooks, string]>([
    [
      'throws',
      { nativeRequest: () => Promise.reject(new Error('x')) },
      'its nativeRequest hook failed: x',
    ],
    ['makes no query', { nativeRequest: () => 1 as never }, 'its query is no object'],
    [
      'makes a query of another type',
      { nativeRequest: (query) => custom({ ...query, queryType: 'topN' }) },
      'it made another query than a scan',
    ],
    [
      'makes no context',
      { nativeRequest: () => ({ ...scan }) as never },
      'its context is no object',
    ],
  ])('that %s fails the query, named', async (_, hooks, why) => {
    const failed = expect.objectContaining({
      code: 'EXTENSION',
      extension: 'hooked',
      message: expect.stringContaining(why),
    })
    await expect(replied(hooks).native(scan)).rejects.toEqual(failed)
    await expect(all(replied(hooks).streamNative(scan))).rejects.toEqual(failed)
  })

  it('is left by an abort, and nothing was sent', async () => {
    await using server = await serve((_, response) => response.end('[]'))
    const druid = connect(server.url, {
      extensions: [hooked({ nativeRequest: () => new Promise(() => {}) })],
    })
    await expect(druid.native(scan, { signal: AbortSignal.timeout(20) })).rejects.toMatchObject({
      code: 'TIMEOUT',
    })
    await druid.close()
    expect(server.arrived).toEqual([])
  })

  it('leaves a stream in the smaller form, whatever it makes of the query', async () => {
    await using server = await serve((_, response) => response.end('[["SEA"]]'))
    const druid = connect(server.url, {
      extensions: [
        hooked({
          nativeRequest: (query) => ({ ...query, context: { ...query.context, priority: 1 } }),
        }),
      ],
    })
    expect(await all(druid.streamNative(groupBy))).toEqual([{ origin: 'SEA' }])
    expect(JSON.parse((server.arrived[0] as Arrived).body)).toMatchObject({
      context: { priority: 1, resultAsArray: true },
    })
  })

  it('refuses what is no plain data before a hook sees it', async () => {
    const druid = replied({ nativeRequest: () => undefined })
    await expect(
      druid.native({ ...scan, filter: custom({ type: 'acme', call: () => 1 }) }),
    ).rejects.toMatchObject({ code: 'CONFIG', option: 'query' })
  })
})
