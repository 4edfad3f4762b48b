import { cluster } from '@druid/cluster'
import { connect, type DruidClient, isDruidError } from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import { AIRPORTS, airportsTask, FLIGHTS } from '@druid/data'
import {
  bandwidth,
  cutAfter,
  type Fault,
  type Faults,
  faultProxy,
  htmlPage,
  invalidUtf8,
  latency,
  split,
  staleSocket,
  stallAfter,
  withoutHeaderRows,
} from '@druid/testing'
import { describe, expect, inject, it } from 'vitest'

const SQL = 'POST /druid/v2/sql'
/** Some 2 MB, in chunks of Druid's. */
const ALL = 'SELECT __time, origin, destination, delay, distance FROM flights'

interface Streamed {
  readonly rows: number
  readonly error: unknown
}

async function streamed(druid: DruidClient, signal?: AbortSignal): Promise<Streamed> {
  let rows = 0
  try {
    for await (const batch of druid.stream(ALL, { signal }).batches()) rows += batch.length
    return { rows, error: undefined }
  } catch (error) {
    return { rows, error }
  }
}

describe.each(['node', 'fetch'])('streaming from a real Druid over %s', (name) => {
  const through = (proxy: Faults): DruidClient =>
    connect(proxy.url, name === 'fetch' ? { transport: fetchTransport() } : {})

  it('is whole through a proxy that does nothing, or is slow, or splits', async () => {
    await using proxy = await faultProxy(inject('druidUrl'))
    const druid = through(proxy)
    expect(await streamed(druid)).toEqual({ rows: FLIGHTS, error: undefined })
    for (const fault of [latency(100, { jitter: 50 }), bandwidth(4_000_000), split(1_000)]) {
      proxy.next(fault, { on: SQL })
      expect(await streamed(druid)).toEqual({ rows: FLIGHTS, error: undefined })
    }
    expect(proxy.requests.map(({ state }) => state)).toEqual(Array(4).fill('answered'))
    proxy.next(split(), { on: SQL })
    const direct = await connect(inject('druidUrl')).query(`${ALL} LIMIT 20`)
    expect([...(await druid.query(`${ALL} LIMIT 20`))]).toEqual([...direct])
  })

  it.each(['end', 'close', 'reset', 'garbage'] as const)(
    'is TRUNCATED where it is cut by %s, and never short',
    async (by) => {
      await using proxy = await faultProxy(inject('druidUrl'))
      const druid = through(proxy)
      for (const after of [40, 5_000, 300_000]) {
        // Compressed, where the client asks for that.
        proxy.next(cutAfter(name === 'fetch' ? after / 5 : after, { by }), { on: SQL })
        const { rows, error } = await streamed(druid)
        expect(isDruidError(error, 'TRUNCATED') && error.rows).toBe(rows)
        expect(rows).toBeLessThan(FLIGHTS)
      }
      // Nothing stays behind that would harm the next one.
      expect(await streamed(druid)).toEqual({ rows: FLIGHTS, error: undefined })
    },
  )

  it('ends when the caller gives up on one that stands still, and on the server too', async () => {
    await using proxy = await faultProxy(inject('druidUrl'))
    const druid = through(proxy)
    proxy.next(stallAfter(20_000), { on: SQL })
    const { rows, error } = await streamed(druid, AbortSignal.timeout(1_500))
    expect(isDruidError(error) && error.code).toBe('TIMEOUT')
    expect(rows).toBeLessThan(FLIGHTS)
    await druid.close()
    expect(proxy.count('DELETE /druid/v2/sql/*')).toBeGreaterThan(0)
  })

  it.each<[string, Fault, string]>([
    ['without header rows', withoutHeaderRows(), 'DECODE'],
    ['with bytes that are no UTF-8', invalidUtf8(200), 'DECODE'],
    ['behind a proxy without upstream', htmlPage(502), 'SERVER'],
    ['that is never sent', cutAfter(0, { in: 'request' }), 'CONNECT'],
    ['whose reply is lost', cutAfter(0, { in: 'reply' }), 'CONNECT'],
  ])('is an error %s', async (_, fault, code) => {
    await using proxy = await faultProxy(inject('druidUrl'))
    const druid = through(proxy)
    proxy.next(fault, { on: SQL })
    const { rows, error } = await streamed(druid)
    expect(isDruidError(error) && error.code).toBe(code)
    // Where bytes are wrong, the rows before them.
    expect(rows).toBeLessThan(5)
    await druid.close()
  })
})

it('is whole on a kept connection that the server has just closed', async () => {
  await using proxy = await faultProxy(inject('druidUrl'))
  const druid = connect(proxy.url)
  proxy.next(staleSocket('reset'), { on: SQL })
  expect(await druid.value('SELECT COUNT(*) FROM flights')).toBe(FLIGHTS)
  expect(await druid.value('SELECT COUNT(*) FROM flights')).toBe(FLIGHTS)
  expect(proxy.requests.map(({ state }) => state)).toEqual(['answered', 'cut', 'answered'])
})

it("passes the Broker's trailers on", async () => {
  await using proxy = await faultProxy(inject('brokerUrl'))
  const druid = connect(proxy.url, { context: { timeout: 1_500 } })
  const late = `SELECT a.origin, a.destination, a.delay, b.destination AS onward FROM flights a, flights b WHERE a.destination = b.origin`
  const error = await druid.query(late).catch((error: unknown) => error)
  expect(isDruidError(error, 'TRUNCATED') && error.reason).toContain('timed out')
})

describe('ingesting', () => {
  const SUBMIT = 'POST /druid/indexer/v1/task'

  /** A client that reaches the Router, the Coordinator and the Overlord through proxies. */
  async function open() {
    const services = await connect(inject('druidUrl'), { extensions: [cluster] })
      .cluster()
      .services()
    const leader = services.find(({ role, leader }) => role === 'overlord' && leader)?.url
    const router = await faultProxy(inject('druidUrl'))
    const overlord = await faultProxy(leader as URL)
    const mapUrl = ({
      role,
      host,
      plaintextPort,
    }: {
      role: string
      host: string
      plaintextPort: number
    }) =>
      ['overlord', 'coordinator'].includes(role)
        ? new URL(overlord.url)
        : new URL(`http://${host}:${plaintextPort}`)
    const druid = connect(router.url, { extensions: [cluster.with({ mapUrl })] })
    const close = async (): Promise<void> => {
      await druid.close()
      await Promise.all([router.close(), overlord.close()])
    }
    return { druid, router, overlord, [Symbol.asyncDispose]: close }
  }

  const counted = (dataSource: string) => `SELECT COUNT(*) FROM ${dataSource}`

  it('counts exactly while replies are lost, late, cut or errors', async () => {
    await using at = await open()
    const STATUS = 'GET /druid/indexer/v1/task/{id}/status'
    at.overlord.always(latency(30, { jitter: 30 }))
    at.overlord.next(cutAfter(0, { in: 'reply' }), { on: STATUS, times: 2 })
    at.overlord.next(htmlPage(503), { on: STATUS })
    at.overlord.next(cutAfter(30, { in: 'reply', by: 'close' }), { on: STATUS })
    at.overlord.next(cutAfter(10), { on: STATUS })
    at.overlord.next(htmlPage(502), { on: 'GET /druid/coordinator/*' })
    const { rows } = await at.druid.cluster().ingest(await airportsTask('faults_waiting'))
    expect(rows).toBe(AIRPORTS)
    expect(await at.druid.value(counted('faults_waiting'))).toBe(AIRPORTS)
    expect(at.overlord.count(SUBMIT)).toBe(1)
    expect(at.overlord.requests.filter(({ state }) => state === 'cut').length).toBeGreaterThan(2)
  })

  it('submits once where the reply is lost: the rows are there once', async () => {
    await using at = await open()
    const task = { ...(await airportsTask('faults_submitted')), id: `lost_${crypto.randomUUID()}` }
    at.overlord.next(cutAfter(0, { in: 'reply' }), { on: SUBMIT })
    expect((await at.druid.cluster().ingest(task)).rows).toBe(AIRPORTS)
    expect(at.overlord.count(SUBMIT)).toBe(1)
    expect(await at.druid.value(counted('faults_submitted'))).toBe(AIRPORTS)
  })

  it('submits nothing where the request is lost: it may be sent again', async () => {
    await using at = await open()
    const task = { ...(await airportsTask('faults_again')), id: `again_${crypto.randomUUID()}` }
    at.overlord.next(cutAfter(1_000, { in: 'request' }), { on: SUBMIT })
    await expect(at.druid.cluster().ingest(task)).rejects.toMatchObject({ code: 'CONNECT' })
    await expect(at.druid.cluster().overlordClient().taskStatus(task.id)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    expect((await at.druid.cluster().ingest(task)).rows).toBe(AIRPORTS)
    expect(await at.druid.value(counted('faults_again'))).toBe(AIRPORTS)
  })
})
