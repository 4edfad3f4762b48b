import { connect, sql } from '@druid/core'
import { ImplyClient, imply } from '@druid/imply'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ImplyServer, resultFile, startImply } from '../imply-server.ts'

const ASYNC = '/druid/v2/sql/async'
const quick = { pollInterval: 5 }
let server: ImplyServer

beforeEach(async () => {
  server = await startImply()
})
afterEach(() => server.close())

function implyClient(): ImplyClient {
  return connect(server.url, { extensions: [imply], retry: false }).implyClient()
}

function asked(): string[] {
  return server.arrived.map(({ method, path }) => `${method} ${path}`)
}

describe('submitting', () => {
  it('sends the statement with its parameters and resolves with the first status', async () => {
    const channel = '#en.wikipedia'
    const status = await implyClient().submit(
      sql`SELECT page FROM wikipedia WHERE channel = ${channel} AND added > ${2n ** 60n + 1n}`,
      { context: { priority: 5 } },
    )
    expect(status).toEqual({
      asyncResultId: 'broker-1',
      state: 'INITIALIZED',
      resultFormat: 'arrayLines',
    })
    const [request] = server.arrived
    expect(request).toMatchObject({ method: 'POST', path: ASYNC })
    expect(request?.body).toContain('{"type":"BIGINT","value":1152921504606846977}')
    expect(JSON.parse(request?.body ?? '')).toMatchObject({
      query: 'SELECT page FROM wikipedia WHERE channel = ? AND added > ?',
      resultFormat: 'arrayLines',
      header: true,
      typesHeader: true,
      sqlTypesHeader: true,
      context: { priority: 5 },
      parameters: [{ type: 'VARCHAR', value: channel }, { type: 'BIGINT' }],
    })
  })

  it('works with a client that does not know the extension', async () => {
    const status = await new ImplyClient(connect(server.url)).submit('SELECT 1')
    expect(status.state).toBe('INITIALIZED')
    expect(JSON.parse(server.arrived[0]?.body ?? '')).not.toHaveProperty('parameters')
  })

  it('refuses an empty statement without asking the server', async () => {
    await expect(implyClient().submit(' ')).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(server.arrived).toEqual([])
  })

  it('tells of too many queries at once (429)', async () => {
    server.answer('POST', ASYNC, {
      status: 429,
      body: { error: 'Query capacity exceeded', errorMessage: 'Too many async queries' },
    })
    await expect(implyClient().submit('SELECT 1')).rejects.toMatchObject({
      code: 'CAPACITY',
      retryable: true,
      message: expect.stringContaining('Too many async queries'),
    })
  })

  it('tells of a query that Druid refuses', async () => {
    server.answer('POST', ASYNC, {
      status: 400,
      body: {
        asyncResultId: 'b1',
        state: 'UNDETERMINED',
        error: { error: 'SQL parse failed', errorMessage: 'Encountered "FORM" at line 1' },
      },
    })
    await expect(implyClient().submit('SELECT 1 FORM t')).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('Encountered "FORM"'),
    })
  })

  it.each([404, 405])(
    'says what is missing on a Druid without async downloads (%i)',
    async (status) => {
      server.answer('POST', ASYNC, { status })
      await expect(implyClient().submit('SELECT 1')).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringContaining('imply-sql-async'),
      })
    },
  )

  it.each([
    ['an empty body', undefined],
    ['an HTML page', '<html><title>Sign in</title></html>'],
    ['a status without an id', { state: 'RUNNING' }],
    ['a state that is none', { asyncResultId: 'x', state: 'SUCCESS' }],
  ])('rejects %s as a reply', async (_what, body) => {
    server.answer('POST', ASYNC, { status: 202, body })
    await expect(implyClient().submit('SELECT 1')).rejects.toMatchObject({ code: 'DECODE' })
  })
})

describe('waiting', () => {
  it('polls until the query is complete', async () => {
    server.plan({ file: '[]', states: ['INITIALIZED', 'INITIALIZED', 'RUNNING', 'COMPLETE'] })
    const client = implyClient()
    const { asyncResultId } = await client.submit('SELECT 1')
    const status = await client.wait(asyncResultId, quick)
    expect(status).toMatchObject({ state: 'COMPLETE', resultFormat: 'arrayLines', resultLength: 2 })
    expect(asked()).toEqual([`POST ${ASYNC}`, ...Array(3).fill(`GET ${ASYNC}/broker-1/status`)])
  })

  it.each([
    ['error.errorMessage', { error: 'Unknown exception', errorMessage: 'Segment lost' }],
    ['error.error', { error: 'Segment lost' }],
    ['error', 'Segment lost'],
  ])('fails with the reason at %s', async (_place, error) => {
    server.plan({ states: ['RUNNING', 'FAILED'], error })
    const client = implyClient()
    const { asyncResultId } = await client.submit('SELECT 1')
    await expect(client.wait(asyncResultId, quick)).rejects.toMatchObject({
      code: 'TASK_FAILED',
      taskId: asyncResultId,
      retryable: false,
      message: `async query ${asyncResultId} is FAILED: Segment lost`,
    })
    expect(await client.status(asyncResultId)).toMatchObject({ error, reason: 'Segment lost' })
  })

  it('fails without a reason where the server gives none', async () => {
    server.plan({ states: ['FAILED'] })
    const client = implyClient()
    const { asyncResultId } = await client.submit('SELECT 1')
    await expect(client.wait(asyncResultId)).rejects.toThrow('the server gave no reason')
  })

  it('puts up with a state that is UNDETERMINED for a while', async () => {
    server.plan({ states: ['RUNNING', 'UNDETERMINED', 'UNDETERMINED', 'RUNNING', 'COMPLETE'] })
    const client = implyClient()
    const { asyncResultId } = await client.submit('SELECT 1')
    expect(await client.wait(asyncResultId, quick)).toMatchObject({ state: 'COMPLETE' })
  })

  it('gives up when the state stays UNDETERMINED', async () => {
    server.plan({ states: ['RUNNING', 'UNDETERMINED'], error: 'Broker lost' })
    const client = implyClient()
    const { asyncResultId } = await client.submit('SELECT 1')
    await expect(
      client.wait(asyncResultId, { ...quick, undeterminedFor: 30 }),
    ).rejects.toMatchObject({
      code: 'TASK_FAILED',
      retryable: true,
      message: expect.stringContaining('UNDETERMINED for 30 ms (Broker lost)'),
    })
  })

  it('does not wait for a query that Talaria could not parse', async () => {
    const error = { error: 'SQL parse failed', errorMessage: 'Encountered "ALL LIMIT"' }
    server.plan({ states: ['UNDETERMINED'], engine: 'Talaria-Indexer', error })
    const client = implyClient()
    const { asyncResultId } = await client.submit('SELECT 1')
    await expect(client.wait(asyncResultId)).rejects.toThrow('Encountered "ALL LIMIT"')
  })

  it('puts up with a server that is out of reach after it has answered', async () => {
    server.plan({ states: ['RUNNING', 'RUNNING', 'COMPLETE'] })
    const client = implyClient()
    const { asyncResultId } = await client.submit('SELECT 1')
    const path = `${ASYNC}/${asyncResultId}/status`
    await client.status(asyncResultId)
    server.answer('GET', path, { status: 503 })
    await expect(client.wait(asyncResultId, quick)).rejects.toMatchObject({
      code: 'SERVER',
      queryId: asyncResultId,
    })
    server.plan({ states: ['RUNNING', 'COMPLETE'], file: resultFile([]) })
    server.answer('GET', `${ASYNC}/broker-2/status`, { status: 503 })
    expect(await client.run('SELECT 1', quick)).toHaveLength(0)
  })

  it('says that a result has expired', async () => {
    const client = implyClient()
    const { asyncResultId } = await client.submit('SELECT 1')
    server.expire(asyncResultId)
    const gone = { code: 'NOT_FOUND', status: 404, queryId: asyncResultId }
    await expect(client.wait(asyncResultId)).rejects.toMatchObject(gone)
    await expect(client.status(asyncResultId)).rejects.toMatchObject(gone)
    await expect(client.results(asyncResultId)).rejects.toMatchObject({
      ...gone,
      message: expect.stringContaining('retention time'),
    })
  })

  it('ends with the signal, and leaves the query alone', async () => {
    server.plan({ states: ['RUNNING'] })
    const client = implyClient()
    const { asyncResultId } = await client.submit('SELECT 1')
    const giveUp = new AbortController()
    setTimeout(() => giveUp.abort(), 20)
    await expect(client.wait(asyncResultId, { signal: giveUp.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
    await expect(
      client.wait(asyncResultId, { signal: AbortSignal.timeout(20) }),
    ).rejects.toMatchObject({ code: 'TIMEOUT', phase: 'total' })
    expect(server.ids()).toEqual([asyncResultId])
  })

  it('refuses an interval that is no time', async () => {
    await expect(implyClient().wait('x', { pollInterval: Number.NaN })).rejects.toMatchObject({
      code: 'CONFIG',
      option: 'pollInterval',
    })
  })
})

describe('cancelling', () => {
  it('ends the query and removes its result', async () => {
    const client = implyClient()
    const { asyncResultId } = await client.submit('SELECT 1')
    expect(await client.cancel(asyncResultId)).toBe(true)
    expect(server.ids()).toEqual([])
    expect(await client.cancel(asyncResultId)).toBe(false)
  })

  it('does not swallow other failures', async () => {
    server.answer('DELETE', `${ASYNC}/a%2Fb`, { status: 403, body: { error: 'no' } })
    await expect(implyClient().cancel('a/b')).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(implyClient().cancel('')).rejects.toMatchObject({ code: 'CONFIG' })
  })
})

describe('submit, wait, results and clean-up in one', () => {
  it('resolves with the rows and leaves nothing on the server', async () => {
    const file = resultFile([['page', 'STRING', 'VARCHAR']], '["Main"]')
    server.plan({ states: ['INITIALIZED', 'RUNNING', 'COMPLETE'], file })
    const rows = await implyClient().run(sql<{ page: string }>`SELECT page FROM w`, quick)
    expect(rows[0]?.page).toBe('Main')
    expect(asked().at(-1)).toBe(`DELETE ${ASYNC}/broker-1`)
    expect(server.ids()).toEqual([])
  })

  it('cancels on the server when the caller gives up', async () => {
    server.plan({ states: ['RUNNING'] })
    const giveUp = new AbortController()
    setTimeout(() => giveUp.abort(), 20)
    const error = await implyClient()
      .run('SELECT 1', { ...quick, signal: giveUp.signal })
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'CANCELLED', queryId: 'broker-1' })
    expect(await (error as { serverCancel: Promise<string> }).serverCancel).toBe('accepted')
    expect(server.ids()).toEqual([])
  })

  it('cleans up after a query that failed', async () => {
    server.plan({ states: ['RUNNING', 'FAILED'], error: 'Segment lost' })
    await expect(implyClient().run('SELECT 1', quick)).rejects.toThrow('Segment lost')
    expect(server.ids()).toEqual([])
  })

  it('keeps a result that it could not read', async () => {
    const file = resultFile([['n', 'LONG', 'BIGINT']], '[9007199254740993]')
    server.plan({ states: ['COMPLETE'], file })
    const client = implyClient()
    await expect(client.run('SELECT n FROM t')).rejects.toMatchObject({
      code: 'INEXACT',
      queryId: 'broker-1',
    })
    expect(server.ids()).toEqual(['broker-1'])
  })
})

describe('the Talaria alpha', () => {
  it('is the same calls with the context talaria', async () => {
    const id = 'talaria-sql-58b05e02-8f09-4a7e-bccd-ea2cc107d0eb'
    server.plan({
      id,
      states: ['RUNNING', 'COMPLETE'],
      engine: 'Talaria-Indexer',
      resultFormat: 'array',
      file: '[["EXPR$0"],["LONG"],["INTEGER"],[2]]\n',
      keeps: true,
    })
    const client = implyClient()
    const status = await client.submit('SELECT 1 + 1', {
      context: { talaria: true, talariaNumTasks: 2 },
    })
    expect(status).toEqual({
      asyncResultId: id,
      state: 'RUNNING',
      resultFormat: 'array',
      engine: 'Talaria-Indexer',
    })
    await client.wait(id, quick)
    // Its result files are of another format than the one asked for.
    const rows = await client.results(id)
    expect([...rows]).toEqual([{ EXPR$0: 2 }])
    expect(rows.columns.map(({ sqlType }) => sqlType)).toEqual(['INTEGER'])
    expect(await client.cancel(id)).toBe(true)
    expect((await client.status(id)).state).toBe('COMPLETE')
  })

  it('has a report once the task has started', async () => {
    const client = implyClient()
    const path = `${ASYNC}/talaria-sql-1`
    const payload = { status: { status: 'RUNNING', durationMs: 12 }, stages: [] }
    server.answer('GET', path, { status: 404 })
    server.answer('GET', path, { status: 500 })
    server.answer('GET', path, { status: 200, body: { error: "Can't find chatHandler" } })
    server.answer('GET', path, {
      status: 200,
      body: { talaria: { taskId: 'talaria-sql-1', payload, task: {} } },
    })
    for (const _ of [1, 2, 3]) expect(await client.details('talaria-sql-1')).toBeUndefined()
    const report = await client.details('talaria-sql-1')
    expect(report?.payload.status.status).toBe('RUNNING')
    server.answer('GET', path, { status: 403 })
    await expect(client.details('talaria-sql-1')).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })
})
