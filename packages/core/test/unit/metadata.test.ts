import { connect, isDruidError } from '@druid/core'
import { afterEach, describe, expect, it } from 'vitest'
import { arrayLines, beginResult } from './reply.ts'
import { serve, type TestServer } from './server.ts'

/** What was sent to it: the text of a query and its context. */
interface Sent {
  readonly query: string
  readonly context: Readonly<Record<string, unknown>>
  readonly parameters?: readonly { readonly value: unknown }[]
}

const SEGMENT_COLUMNS = ['segment_id', 'datasource', 'last_compaction_state', 'is_active']

/** Knows the columns of `sys.segments`, and has one segment; `slow`: never answers about those. */
function druidWith(state: string, slow = false): Promise<TestServer> {
  return serve(({ method, body }, response) => {
    if (method === 'DELETE') return response.writeHead(202).end()
    const { query } = JSON.parse(body) as Sent
    if (query.includes('FROM INFORMATION_SCHEMA.COLUMNS')) {
      beginResult(response)
      const rows = SEGMENT_COLUMNS.map((name) => JSON.stringify([name]))
      return response.end(arrayLines([['name', 'STRING', 'VARCHAR']], ...rows))
    }
    if (slow) return
    beginResult(response)
    const row = JSON.stringify(['a_segment', 'a', state, 1])
    return response.end(
      arrayLines(
        SEGMENT_COLUMNS.map((name) =>
          name === 'is_active' ? [name, 'LONG', 'BIGINT'] : [name, 'STRING', 'VARCHAR'],
        ),
        row,
      ),
    )
  })
}

const sent = (server: TestServer): Sent[] =>
  server.by('POST').map(({ body }) => JSON.parse(body) as Sent)

async function allOf<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const row of rows) all.push(row)
  return all
}

describe('metadata', () => {
  let server: TestServer
  afterEach(() => server.close())

  it('refuses an option that a method does not have: it would give more than was asked for', async () => {
    server = await druidWith('{}')
    await using druid = connect(server.url)
    const { metadata } = druid
    const wrong: Readonly<Record<string, (options: never) => unknown>> = {
      schemas: (options) => metadata.schemas(options),
      tables: (options) => metadata.tables(options),
      'columns of a table': (options) => metadata.columns('a', options),
      'columns of all': (options) => metadata.columns(options),
      routines: (options) => metadata.routines(options),
      segments: (options) => metadata.segments(options),
      servers: (options) => metadata.servers(options),
      serverSegments: (options) => metadata.serverSegments(options),
      tasks: (options) => metadata.tasks(options),
      supervisors: (options) => metadata.supervisors(options),
    }
    for (const [method, call] of Object.entries(wrong)) {
      for (const options of [{ shema: 'x' }, { signl: undefined }, { queryId: 'x' }]) {
        const option = Object.keys(options)[0]
        const failing = async (): Promise<unknown> => call(options as never)
        await expect(failing(), `${method} ${option}`).rejects.toMatchObject({
          code: 'CONFIG',
          option,
        })
      }
      const failing = async (): Promise<unknown> => call(null as never)
      await expect(failing(), `${method} of null`).rejects.toMatchObject({ code: 'CONFIG' })
    }
    expect(server.arrived).toEqual([])
  })

  it('asks the native engine, and names none', async () => {
    server = await druidWith('{}')
    await using druid = connect(server.url, { context: { engine: 'msq-dart', priority: 3 } })
    await allOf(druid.metadata.segments())
    await druid.with({ context: { engine: 'msq-dart' } }).metadata.columns()
    expect(sent(server)).toHaveLength(4)
    for (const { context } of sent(server)) {
      expect(context).not.toHaveProperty('engine')
      expect(context.priority).toBe(3)
    }
  })

  it('sends headers and the time of a call with each of its queries', async () => {
    server = await druidWith('{}')
    await using druid = connect(server.url)
    await allOf(druid.metadata.segments({ headers: { 'x-for': 'me' }, timeout: 5000 }))
    expect(server.by('POST')).toHaveLength(2)
    for (const { headers, body } of server.by('POST')) {
      expect(headers['x-for']).toBe('me')
      expect((JSON.parse(body) as Sent).context.timeout).toBe(5000)
    }
  })

  it('ends with its time, or its signal, and only that call', async () => {
    server = await druidWith('{}', true)
    await using druid = connect(server.url)
    const { metadata } = druid
    const late = allOf(metadata.segments({ timeout: 100 }))
    await expect(late).rejects.toMatchObject({ code: 'TIMEOUT', phase: 'total' })
    const abort = new AbortController()
    const first = allOf(metadata.segments({ signal: abort.signal })).catch((error) => error)
    const second = allOf(metadata.segments({ timeout: 1000 })).catch((error) => error)
    abort.abort()
    const [ended, other] = [await first, await second]
    expect(isDruidError(ended, 'CANCELLED')).toBe(true)
    expect(isDruidError(other, 'TIMEOUT')).toBe(true)
  })

  it('asks for columns once, for those that this version has', async () => {
    server = await druidWith('{}')
    await using druid = connect(server.url)
    await allOf(druid.metadata.segments({ dataSource: 'a', isActive: false }))
    await allOf(druid.metadata.segments())
    const [probe, filtered, ...others] = sent(server)
    expect(probe?.parameters?.map(({ value }) => value)).toEqual(['sys', 'segments'])
    expect(filtered?.query).toContain('"datasource" = ')
    expect(filtered?.query).not.toContain('projections')
    expect(filtered?.parameters?.map(({ value }) => value)).toEqual(['a', 0])
    expect(others).toHaveLength(1)
  })

  it('reads JSON within a column, and rounds no integer of it', async () => {
    // What auto-compaction writes of a partitionsSpec by default.
    server = await druidWith('{"partitionsSpec":{"maxTotalRows":9223372036854775807}}')
    await using druid = connect(server.url)
    expect(await allOf(druid.metadata.segments())).toEqual([
      {
        segmentId: 'a_segment',
        dataSource: 'a',
        isActive: true,
        lastCompactionState: { partitionsSpec: { maxTotalRows: 9223372036854775807n } },
      },
    ])
  })

  it('takes what is no JSON after all as the text that it is', async () => {
    server = await druidWith('{ "cut')
    await using druid = connect(server.url)
    expect((await allOf(druid.metadata.segments()))[0]?.lastCompactionState).toBe('{ "cut')
  })
})
