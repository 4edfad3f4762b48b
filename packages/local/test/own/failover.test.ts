import { type LocalDruid, startDruid } from '@druid/local'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const home = process.env.DRUID_HOME || undefined
let druid: LocalDruid

beforeAll(async () => {
  druid = await startDruid({ home, services: { coordinator: 2, historical: 2, broker: 2 } })
})
afterAll(() => druid?.stop())

async function call(path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${druid.routerUrl}${path}`, {
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json' },
    signal: AbortSignal.timeout(10_000),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.status} ${text}`)
  return JSON.parse(text)
}

function sql(query: string): Promise<unknown> {
  return call('/druid/v2/sql', { query, resultFormat: 'array' })
}

/** The name of the Coordinator that leads. */
async function leader(): Promise<string> {
  const rows = await sql(
    "SELECT plaintext_port FROM sys.servers WHERE server_type = 'coordinator' AND is_leader = 1",
  )
  const [[port]] = rows as [[number]]
  return druid.services.find((it) => it.port === port)?.name ?? ''
}

/** Submits a task of some rows, in two segments. */
async function submit(dataSource: string): Promise<string> {
  const data = [1, 2, 3, 4].map((n) => `{"t":"2024-01-0${1 + (n % 2)}","n":${n}}`).join('\n')
  const dataSchema = {
    dataSource,
    timestampSpec: { column: 't', format: 'auto' },
    dimensionsSpec: { dimensions: [{ type: 'long', name: 'n' }] },
    granularitySpec: { segmentGranularity: 'DAY', rollup: false },
  }
  const inputSource = { type: 'inline', data }
  const ioConfig = { type: 'index_parallel', inputSource, inputFormat: { type: 'json' } }
  const spec = { dataSchema, ioConfig }
  const { task } = (await call('/druid/indexer/v1/task', { type: 'index_parallel', spec })) as {
    task: string
  }
  return task
}

const limit = { timeout: 60_000, interval: 250 }

describe('a cluster with several of a service', () => {
  it('has another Coordinator lead when the leader is killed, and takes tasks again', async () => {
    await submit('before')
    await expect
      .poll(() => sql('SELECT SUM(n) FROM before').catch(() => undefined), limit)
      .toEqual([[10]])
    const first = await leader()
    const pid = druid.services.find(({ name }) => name === first)?.pid as number
    await druid.kill(first)
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    await expect.poll(() => leader().catch(() => first), limit).not.toBe(first)
    // Everything that the first one knew is there: it is in the metadata store.
    let task = ''
    await expect
      .poll(async () => {
        task ||= await submit('after').catch(() => '')
        return task
      }, limit)
      .not.toBe('')
    await expect
      .poll(() => sql('SELECT SUM(n) FROM after').catch(() => undefined), limit)
      .toEqual([[10]])
    const tasks = await sql('SELECT datasource, status FROM sys.tasks ORDER BY 1')
    expect(tasks).toEqual([
      ['after', 'SUCCESS'],
      ['before', 'SUCCESS'],
    ])
    await druid.restart(first)
    expect(druid.services.find(({ name }) => name === first)?.pid).not.toBe(pid)
    expect(await leader()).not.toBe(first)
  })

  it('answers whole when one of two Historicals with replicas is killed', async () => {
    const replicas =
      "SELECT MIN(num_replicas), COUNT(*) FROM sys.segments WHERE datasource = 'before'"
    await expect.poll(() => sql(replicas), limit).toEqual([[2, 2]])
    await druid.kill('historical')
    // Until the Broker notices it may fail, and never answer in part.
    const answers = new Set<string>()
    await expect
      .poll(async () => {
        const rows = await sql('SELECT SUM(n) FROM before').catch(() => undefined)
        if (rows !== undefined) answers.add(JSON.stringify(rows))
        const listed = await sql("SELECT server FROM sys.servers WHERE server_type = 'historical'")
        return (listed as unknown[]).length
      }, limit)
      .toBe(1)
    expect(await sql('SELECT SUM(n) FROM before')).toEqual([[10]])
    expect([...answers]).toEqual(['[[10]]'])
    await druid.restart('historical')
    await expect.poll(() => sql(replicas), limit).toEqual([[2, 2]])
  })

  it('goes on when Broker and Router were killed and started again', async () => {
    const { routerUrl } = druid
    await druid.kill('broker')
    // The Router has another.
    await expect
      .poll(() => sql('SELECT SUM(n) FROM before').catch(() => undefined), limit)
      .toEqual([[10]])
    await druid.kill('broker-2')
    await druid.kill('router')
    await expect(sql('SELECT 1')).rejects.toThrow('fetch failed')
    // Neither waits for the other.
    await druid.restart('router')
    await druid.restart('broker')
    await druid.restart('broker-2')
    expect(druid.routerUrl).toBe(routerUrl)
    await expect
      .poll(() => sql('SELECT SUM(n) FROM before').catch(() => undefined), limit)
      .toEqual([[10]])
  })

  it('asks one that still runs to end before it starts it again, and knows all by name', async () => {
    const told = druid.services.map(({ name }) => name)
    expect(told).toEqual([
      'zookeeper',
      'metadata',
      'coordinator',
      'broker',
      'broker-2',
      'historical',
      'historical-2',
      'router',
      'indexer',
      'coordinator-2',
    ])
    const before = druid.services.find(({ name }) => name === 'historical-2')
    await druid.restart('historical-2')
    const after = druid.services.find(({ name }) => name === 'historical-2')
    expect(after).toEqual({ ...before, pid: expect.any(Number) })
    expect(after?.pid).not.toBe(before?.pid)
    await expect(druid.kill('historical-3')).rejects.toThrow(
      'there is no service "historical-3"; there are zookeeper, metadata, coordinator, ',
    )
  })
})
