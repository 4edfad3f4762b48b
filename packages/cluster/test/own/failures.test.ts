import { cluster } from '@druid/cluster'
import { connect, type DruidClient, isDruidError, sql } from '@druid/core'
import { FLIGHTS, flightsTask } from '@druid/data'
import { type LocalDruid, startDruid } from '@druid/local'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

/** What a caller sees when services of a real cluster are lost, and how long it takes until work goes on. */

let local: LocalDruid
let druid: DruidClient<typeof cluster>

beforeAll(async () => {
  local = await startDruid({ services: { coordinator: 2, historical: 2 } })
  druid = connect(local.routerUrl, { extensions: [cluster] })
  await druid.cluster().ingest(await flightsTask('flights'))
  await replicated()
})
afterAll(async () => {
  await druid?.close()
  await local?.stop()
})

const limit = { timeout: 90_000, interval: 250 }
const COUNT = 'SELECT COUNT(*) AS n FROM flights'
/** 2,000,000 rows, more than all buffers in between hold. */
const LONG = `SELECT a.*, b.n FROM flights a CROSS JOIN (
  SELECT DISTINCT delay AS n FROM flights WHERE delay BETWEEN -50 AND 49
) b`

function urlOf(name: string): string {
  const url = local.services.find((it) => it.name === name)?.url
  if (url === undefined) throw new Error(`no service ${name}`)
  return url
}

/** Both Historicals have all segments. */
function replicated(): Promise<void> {
  const replicas =
    "SELECT MIN(num_replicas) FROM sys.segments WHERE datasource = 'flights' AND is_active = 1"
  return vi.waitFor(async () => {
    if ((await druid.value(replicas)) !== 2) throw new Error('not all segments have two replicas')
  }, limit)
}

/** Milliseconds until the call succeeds. */
async function until(call: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await expect
    .poll(
      () =>
        call().then(
          () => true,
          () => false,
        ),
      limit,
    )
    .toBe(true)
  return Math.round(performance.now() - start)
}

/** For whoever wants the times: they are not asserted. */
const tell = (what: string, ms: number): void => void process.stdout.write(`${what}: ${ms} ms\n`)

describe('a lost Broker', () => {
  it.each(['router', 'broker'])(
    'in the middle of a stream through the %s: an error after the rows that came, never a short result',
    async (through) => {
      await using direct = connect(urlOf(through), { retry: false })
      let rows = 0
      const read = async (): Promise<void> => {
        for await (const batch of direct.stream(LONG).batches()) {
          if (rows === 0) await local.kill('broker')
          rows += batch.length
        }
      }
      const error = await read().catch((thrown: unknown) => thrown)
      expect(isDruidError(error, 'TRUNCATED'), String(error)).toBe(true)
      expect(rows).toBeGreaterThan(0)
      expect(isDruidError(error, 'TRUNCATED') && error.rows).toBe(rows)
      await expect(direct.query(COUNT)).rejects.toMatchObject({ name: 'DruidError' })

      await local.restart('broker')
      tell('Broker restarted, first query', await until(() => druid.query(COUNT)))
      await expect.poll(() => druid.value(COUNT).catch(() => 0), limit).toBe(FLIGHTS)
    },
  )
})

describe('a lost leader', () => {
  it('of Coordinators and Overlords: its calls go to the next, and ingestion is counted exactly', async () => {
    const leader = (): Promise<number> =>
      druid.value<number>(
        "SELECT plaintext_port FROM sys.servers WHERE server_type = 'coordinator' AND is_leader = 1",
      )
    const port = await leader()
    const first = local.services.find((it) => it.port === port)?.name ?? ''
    const { cluster: open } = druid
    const coordinator = open().coordinatorClient()
    const overlord = open().overlordClient()
    await coordinator.loadStatus()

    // A task that the first one began, and another will end.
    const ingesting = druid.cluster().ingest(await flightsTask('adopted'))
    const tasks =
      "SELECT COUNT(*) FROM sys.tasks WHERE datasource = 'adopted' AND status = 'RUNNING'"
    await expect.poll(() => druid.value<number>(tasks), limit).toBeGreaterThan(0)
    await local.kill(first)
    tell('Coordinator lost, loadStatus', await until(() => coordinator.loadStatus()))
    tell('Overlord lost, leader', await until(() => overlord.leader()))
    const { rows } = await ingesting
    expect(rows).toBe(FLIGHTS)
    expect(await druid.value('SELECT COUNT(*) FROM adopted')).toBe(FLIGHTS)
    expect((await druid.cluster().ingest(await flightsTask('after'))).rows).toBe(FLIGHTS)
    await local.restart(first)
  })
})

describe('a lost Historical', () => {
  it('of two with replicas: a query ends whole, or in an error', async () => {
    await replicated()
    await local.kill('historical')
    const outcomes = new Map<string, number>()
    const start = performance.now()
    let goesOn: number | undefined
    while (performance.now() - start < 15_000) {
      const outcome = await druid.value(COUNT).then(
        (n) => String(n),
        (error: unknown) => (isDruidError(error) ? error.code : String(error)),
      )
      if (outcome === String(FLIGHTS)) goesOn ??= Math.round(performance.now() - start)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
    tell('Historical lost, next whole result', goesOn ?? -1)
    expect(goesOn).toBeDefined()
    // No number but the right one.
    expect([...outcomes.keys()].filter((it) => /^\d+$/.test(it))).toEqual([String(FLIGHTS)])
  })

  it('with the only replica: Druid answers 200 with fewer rows until another has loaded them; sys.segments tells', async () => {
    await local.restart('historical')
    // Through the Router: it is the rule of this data source alone.
    const rules = [{ type: 'loadForever', tieredReplicants: { _default_tier: 1 } }]
    await druid.request('POST', '/druid/coordinator/v1/rules/single', rules)
    const task = await flightsTask('single')
    const granularitySpec = { segmentGranularity: 'DAY', queryGranularity: 'NONE', rollup: false }
    const dataSchema = { ...task.spec.dataSchema, granularitySpec }
    await druid.cluster().ingest({ ...task, spec: { ...task.spec, dataSchema } })
    const port = local.services.find(({ name }) => name === 'historical')?.port
    const spread = sql`SELECT COUNT(*) FROM sys.server_segments
      WHERE server LIKE ${`%:${port}`} AND segment_id LIKE 'single!_%' ESCAPE '!'`
    await expect.poll(() => druid.value<number>(spread), limit).toBeGreaterThan(10)
    await expect.poll(() => druid.value<number>(spread), limit).toBeLessThan(80)

    await local.kill('historical')
    const seen = new Set<unknown>()
    const missing = `SELECT COUNT(*) FROM sys.segments
      WHERE datasource = 'single' AND is_published = 1 AND is_available = 0`
    let told = 0
    const start = performance.now()
    await expect
      .poll(
        async () => {
          const n = await druid.value<number>('SELECT COUNT(*) FROM single').catch(() => 'error')
          seen.add(n)
          if (n !== FLIGHTS)
            told = Math.max(told, await druid.value<number>(missing).catch(() => 0))
          return seen.size > 1 && n === FLIGHTS
        },
        { timeout: 90_000, interval: 50 },
      )
      .toBe(true)
    tell(
      'Historical with the only replica lost, next whole result',
      Math.round(performance.now() - start),
    )
    const fewer = [...seen].filter((n) => typeof n === 'number' && n < FLIGHTS)
    expect(fewer.length).toBeGreaterThan(0)
    expect(told).toBeGreaterThan(0)
  })

  it('that was the last: the table is gone, and what is published tells that it was there', async () => {
    await local.kill('historical-2')
    const outcome = (): Promise<unknown> =>
      druid.value(COUNT).catch((error: unknown) => (isDruidError(error) ? error.code : error))
    await expect.poll(outcome, limit).toBe('INVALID_INPUT')
    const published = `SELECT COUNT(*) FROM sys.segments
      WHERE datasource = 'flights' AND is_published = 1 AND is_available = 0`
    expect(await druid.value(published)).toBeGreaterThan(0)
    await local.restart('historical')
    await local.restart('historical-2')
    await expect.poll(() => druid.value(COUNT).catch(() => 0), limit).toBe(FLIGHTS)
  })
})

describe('a lost Router', () => {
  it('under load: every query is right or an error, and work goes on when it is back', async () => {
    await using patient = connect(local.routerUrl, { retry: { attempts: 50, within: 120_000 } })
    let right = 0
    const wrong: unknown[] = []
    const errors = new Map<string, number>()
    let over = false
    const worker = async (): Promise<void> => {
      while (!over) {
        try {
          const n = await patient.value(COUNT)
          if (n === FLIGHTS) right += 1
          else wrong.push(n)
        } catch (error) {
          const code = isDruidError(error) ? error.code : String(error)
          errors.set(code, (errors.get(code) ?? 0) + 1)
        }
      }
    }
    const workers = Array.from({ length: 8 }, worker)
    await expect.poll(() => right, limit).toBeGreaterThan(20)
    await local.kill('router')
    await local.restart('router')
    const before = right
    const start = performance.now()
    await expect.poll(() => right, limit).toBeGreaterThan(before + 20)
    tell('Router restarted, 20 further queries', Math.round(performance.now() - start))
    over = true
    await Promise.all(workers)
    expect(wrong).toEqual([])
    // Those that were under way when it died, and what it says until it knows a Broker; refused
    // connections were tried again.
    for (const code of errors.keys()) expect(['CONNECT', 'TRUNCATED', 'SERVER']).toContain(code)
    expect(errors.get('CONNECT') ?? 0).toBeLessThanOrEqual(16)
  })
})

describe('a task with rows that cannot be read', () => {
  it('fails with the reason, where it may not leave any out', async () => {
    const task = await flightsTask('broken')
    const { dataSchema, ioConfig } = task.spec
    const data = '{"date":"2001-01-01T00:00:00Z","delay":1}\n{"date":"no date","delay":2}'
    const broken = {
      ...task,
      spec: {
        ...task.spec,
        dataSchema,
        ioConfig: { ...ioConfig, inputSource: { type: 'inline', data } },
        tuningConfig: { type: 'index_parallel', maxParseExceptions: 0, logParseExceptions: true },
      },
    } as const
    const error = await druid
      .cluster()
      .ingest(broken)
      .catch((thrown: unknown) => thrown)
    expect(isDruidError(error, 'TASK_FAILED')).toBe(true)
    expect(String(error)).toMatch(/parse|unparseable/i)
  })
})
