import { connect, sql } from '@druid/core'
import type { ServiceHost } from '@druid/core/extension'
import { TalariaService } from '@druid/imply'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ImplyServer, startImply } from '../imply-server.ts'

const TASK = '/talaria/v1/delegate/async/task/t%2F1'
let server: ImplyServer
let talaria: TalariaService

beforeEach(async () => {
  server = await startImply()
  const client = connect(server.url)
  const service: ServiceHost = {
    url: new URL(server.url),
    request: (method, path, body, options) => client.request(method, path, body, options),
  }
  talaria = new TalariaService(service, client)
})
afterEach(() => server.close())

describe('a Talaria service', () => {
  it('lists its tasks', async () => {
    const tasks = [{ id: 't1', state: 'RUNNING', datasource: 'w' }]
    const path = '/talaria/v1/tasks?state=RUNNING&datasource=w&type=select&max=10'
    server.answer('GET', path, { status: 200, body: tasks })
    server.answer('GET', '/talaria/v1/tasks', { status: 200, body: [] })
    const filter = { state: 'RUNNING', dataSource: 'w', type: 'select', max: 10 } as const
    expect(await talaria.tasks(filter)).toEqual(tasks)
    expect(await talaria.tasks()).toEqual([])
  })

  it('tells the status and the details of a task', async () => {
    server.answer('GET', `${TASK}/status`, { status: 200, body: { id: 't/1', state: 'WAITING' } })
    server.answer('GET', `${TASK}/details`, { status: 200, body: { stages: [1] } })
    expect(await talaria.status('t/1')).toEqual({ id: 't/1', state: 'WAITING' })
    expect(await talaria.details('t/1')).toEqual({ stages: [1] })
  })

  it('sends a page of a result, decoded by its schema', async () => {
    const schema = [
      { name: 'page', sqlType: 'VARCHAR', druidType: 'STRING' },
      { name: 'n', sqlType: 'BIGINT', druidType: 'LONG' },
    ]
    const body = { schema, results: [['a', 1], { page: 'b', n: 2 }] }
    server.answer('GET', `${TASK}?offset=10&length=2`, { status: 200, body })
    const { columns, rows } = await talaria.results('t/1', { offset: 10, length: 2 })
    expect(rows).toEqual([
      { page: 'a', n: 1 },
      { page: 'b', n: 2 },
    ])
    expect(columns[1]).toEqual({ name: 'n', sqlType: 'BIGINT', druidType: 'LONG' })
  })

  it('never rounds an integer', async () => {
    const schema = [{ name: 'n', sqlType: 'BIGINT', druidType: 'LONG' }]
    const body = `{"schema":${JSON.stringify(schema)},"results":[[9007199254740993]]}`
    server.answer('GET', TASK, { status: 200, body })
    expect((await talaria.results('t/1')).rows).toEqual([{ n: 9007199254740993n }])
  })

  it('cancels a task, and removes it when told to', async () => {
    server.answer('DELETE', `${TASK}?remove=false`, { status: 200, body: {} })
    server.answer('DELETE', `${TASK}?remove=true`, { status: 202 })
    expect(await talaria.cancel('t/1')).toBe(true)
    expect(await talaria.cancel('t/1', { remove: true })).toBe(true)
    expect(await talaria.cancel('t/1')).toBe(false)
    server.answer('DELETE', `${TASK}?remove=false`, { status: 500 })
    await expect(talaria.cancel('t/1')).rejects.toMatchObject({ code: 'SERVER', queryId: 't/1' })
  })

  it('is handed a query by the Broker', async () => {
    const rows = (values: string): string =>
      `["TASK","state"]\n["STRING","STRING"]\n["VARCHAR","VARCHAR"]\n${values}\n`
    server.answer('POST', '/druid/v2/sql', { status: 200, body: rows('["t1","WAITING"]\n') })
    server.answer('POST', '/druid/v2/sql', { status: 200, body: rows('') })
    const task = await talaria.submit(sql`SELECT ${1}`, { context: { priority: 1 } })
    expect(task).toEqual({ id: 't1', state: 'WAITING' })
    expect(JSON.parse(server.arrived[0]?.body ?? '').context).toMatchObject({
      talaria: 'server',
      priority: 1,
    })
    await expect(talaria.submit('SELECT 1')).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })

  it('rejects what it cannot mean', async () => {
    await expect(talaria.status('t1')).rejects.toMatchObject({ code: 'NOT_FOUND', queryId: 't1' })
    await expect(talaria.status('')).rejects.toMatchObject({ code: 'CONFIG' })
    server.answer('GET', '/talaria/v1/tasks', { status: 200, body: { tasks: [] } })
    await expect(talaria.tasks()).rejects.toMatchObject({ code: 'DECODE' })
    server.answer('GET', `${TASK}/status`, { status: 200, body: {} })
    await expect(talaria.status('t/1')).rejects.toMatchObject({ code: 'DECODE' })
    server.answer('GET', TASK, { status: 200, body: '<html></html>' })
    await expect(talaria.results('t/1')).rejects.toMatchObject({ code: 'DECODE' })
    server.answer('GET', TASK, { status: 200, body: { schema: [] } })
    await expect(talaria.results('t/1')).rejects.toMatchObject({ code: 'DECODE' })
  })
})
