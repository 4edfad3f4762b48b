import { type CheckedSubmitOptions, cluster, type SupervisorHandle } from '@druid/cluster'
import { connect, custom } from '@druid/core'
import {
  connectionReset,
  type FakeDruid,
  fakeDruid,
  forbidden,
  type RouteAnswer,
  type Routes,
  reply,
} from '@druid/testing'
import { describe, expect, it } from 'vitest'

/** Replies as druid-api.md §4.3 has them. */

const PATH = '/druid/indexer/v1/supervisor'
const OLD = spec('old')
const NEW = spec('new')

function spec(topic: string, bootstrap = 'kafka:9092') {
  return {
    type: 'kafka',
    spec: {
      dataSchema: { dataSource: 'clicks' },
      ioConfig: { topic, consumerProperties: { 'bootstrap.servers': bootstrap } },
    },
  } as const
}

interface State {
  /** By id. */
  supervisors: Record<string, { readonly type: string }>
  detailedState: string
}

/** An Overlord with supervisors, of which each is in the same state. */
function overlord(state: State, routes: Routes = {}): FakeDruid {
  const healthy = (): boolean => !/UNABLE|UNHEALTHY/.test(state.detailedState)
  const stateOf = (): object => ({
    state: healthy() ? 'RUNNING' : 'UNHEALTHY_SUPERVISOR',
    detailedState: state.detailedState,
    healthy: healthy(),
    suspended: false,
  })
  return fakeDruid({
    routes: {
      ...routes,
      'POST /druid/indexer/v1/sampler': routes['POST /druid/indexer/v1/sampler'] ?? { data: [] },
      [`GET ${PATH}`]: () =>
        Object.entries(state.supervisors).map(([id, it]) => ({ id, ...stateOf(), spec: it })),
      [`POST ${PATH}`]:
        routes[`POST ${PATH}`] ??
        (({ body }) => {
          state.supervisors.clicks = body as { type: string }
          return { id: 'clicks' }
        }),
      [`GET ${PATH}/{id}/status`]: ({ params }) => ({
        id: params.id,
        generationTime: '2026-01-01T00:00:00.000Z',
        payload: { stream: 'topic', partitions: 1, ...stateOf(), recentErrors: [] },
      }),
      [`POST ${PATH}/{id}/terminate`]: ({ params }) => {
        delete state.supervisors[params.id ?? '']
        return { id: params.id }
      },
    },
  })
}

function submit(druid: FakeDruid, options: CheckedSubmitOptions = {}): Promise<SupervisorHandle> {
  const client = connect(druid.url, { transport: druid.transport, extensions: [cluster] })
  return client.cluster().submitSupervisor(custom(NEW), options)
}

const submitted = ({ requests }: FakeDruid): unknown[] =>
  requests.filter(({ method, path }) => method === 'POST' && path === PATH).map((it) => it.body)

describe('submitSupervisor()', () => {
  it('resolves when it runs', async () => {
    const state = { supervisors: {}, detailedState: 'CONNECTING_TO_STREAM' }
    const druid = overlord(state)
    setTimeout(() => {
      state.detailedState = 'RUNNING'
    }, 300)
    const { id } = await submit(druid)
    expect(id).toBe('clicks')
    expect(state.detailedState).toBe('RUNNING')
    expect(submitted(druid)).toEqual([NEW])
  })

  it('samples by a consumer that does not wait for a minute', async () => {
    const druid = overlord({ supervisors: {}, detailedState: 'RUNNING' })
    await submit(druid)
    const sampled = druid.requests.find(({ path }) => path.endsWith('/sampler'))
    expect(sampled?.body).toMatchObject({
      type: 'kafka',
      spec: {
        type: 'kafka',
        spec: { ioConfig: { consumerProperties: { 'default.api.timeout.ms': '15000' } } },
      },
    })
  })

  it('goes on without a sample where this user may take none', async () => {
    const sampler = 'POST /druid/indexer/v1/sampler'
    const druid = overlord(
      { supervisors: {}, detailedState: 'RUNNING' },
      { [sampler]: forbidden() },
    )
    await submit(druid)
    expect(submitted(druid)).toHaveLength(1)
  })

  it('puts back what a spec that cannot be started has ended', async () => {
    const state: State = { supervisors: { clicks: OLD, other: OLD }, detailedState: 'RUNNING' }
    const answers: ((body: unknown) => RouteAnswer)[] = [
      () => {
        delete state.supervisors.clicks
        return reply({ status: 500, body: '<html><title>/ by zero</title></html>' })
      },
      (body) => {
        state.supervisors.clicks = body as { type: string }
        return { id: 'clicks' }
      },
    ]
    const druid = overlord(state, {
      [`POST ${PATH}`]: ({ body }) => answers.shift()?.(body) as RouteAnswer,
    })
    await expect(submit(druid)).rejects.toMatchObject({
      code: 'SERVER',
      status: 500,
      message: expect.stringMatching(/by zero.*the spec of clicks that was there before is back$/),
    })
    expect(state.supervisors).toEqual({ clicks: OLD, other: OLD })
  })

  it('puts back what was there where the connection is cut, and the new one runs', async () => {
    const state: State = { supervisors: { clicks: OLD }, detailedState: 'RUNNING' }
    let cut = false
    const druid = overlord(state, {
      [`POST ${PATH}`]: ({ body }) => {
        state.supervisors.clicks = body as { type: string }
        if (cut) return { id: 'clicks' }
        cut = true
        return connectionReset()
      },
    })
    await expect(submit(druid)).rejects.toMatchObject({ code: 'CONNECT' })
    expect(submitted(druid)).toEqual([NEW, OLD])
    expect(state.supervisors).toEqual({ clicks: OLD })
  })

  it('undoes what was aborted while it was submitted, once Druid has answered', async () => {
    const state: State = { supervisors: { clicks: OLD }, detailedState: 'RUNNING' }
    const druid = overlord(state, {
      [`POST ${PATH}`]: async ({ body }) => {
        await new Promise((resolve) => setTimeout(resolve, 200))
        state.supervisors.clicks = body as { type: string }
        return { id: 'clicks' }
      },
    })
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 100)
    await expect(submit(druid, { signal: controller.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
      message: expect.stringContaining('the spec of clicks that was there before is back'),
    })
    expect(submitted(druid)).toEqual([NEW, OLD])
  })

  it('leaves what somebody else has changed meanwhile', async () => {
    const state: State = { supervisors: { clicks: OLD }, detailedState: 'CONNECTING_TO_STREAM' }
    const druid = overlord(state)
    const theirs = spec('theirs')
    setTimeout(() => {
      state.supervisors.clicks = theirs
      state.detailedState = 'UNABLE_TO_CONNECT_TO_STREAM'
    }, 300)
    await expect(submit(druid)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('was changed by somebody else meanwhile, and is left so'),
    })
    expect(state.supervisors).toEqual({ clicks: theirs })
  })

  it('terminates one that is new and does not stay healthy for as long as it is to', async () => {
    const state: State = { supervisors: {}, detailedState: 'RUNNING' }
    const druid = overlord(state)
    setTimeout(() => {
      state.detailedState = 'UNHEALTHY_TASKS'
    }, 300)
    await expect(submit(druid, { staysFor: 10_000 })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(/does not work: UNHEALTHY_TASKS; .* is terminated$/),
    })
    expect(state.supervisors).toEqual({})
  })

  it('with `restore: false` leaves all as it is', async () => {
    const state: State = {
      supervisors: { clicks: OLD },
      detailedState: 'UNABLE_TO_CONNECT_TO_STREAM',
    }
    const druid = overlord(state)
    await expect(submit(druid, { restore: false })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(state.supervisors).toEqual({ clicks: NEW })
  })
})

describe('a supervisor', () => {
  function supervisor(routes: Routes, version?: string): [SupervisorHandle, string[]] {
    const druid = fakeDruid({ routes, version })
    const bodies: string[] = []
    const transport = {
      ...druid.transport,
      request: (request: Parameters<typeof druid.transport.request>[0]) => {
        bodies.push(request.body ?? '')
        return druid.transport.request(request)
      },
    }
    const client = connect(druid.url, { transport, extensions: [cluster] })
    return [client.cluster().supervisor('clicks'), bodies]
  }

  it('is unhealthy by a 503, which is asked for once', async () => {
    let asked = 0
    const [clicks] = supervisor({
      [`GET ${PATH}/{id}/health`]: () => {
        asked += 1
        return reply({ status: 503, body: { healthy: false } })
      },
    })
    expect(await clicks.health()).toBe(false)
    expect(asked).toBe(1)
  })

  it('of an Overlord that does not lead is not unhealthy', async () => {
    const [clicks] = supervisor({ [`GET ${PATH}/{id}/health`]: reply({ status: 503 }) })
    await expect(clicks.health()).rejects.toMatchObject({ code: 'SERVER', status: 503 })
  })

  it('that is suspended is so', async () => {
    const body = { error: '[clicks] is already suspended' }
    const [clicks] = supervisor({ [`POST ${PATH}/{id}/suspend`]: reply({ status: 400, body }) })
    await clicks.suspend()
    const [other] = supervisor({
      [`POST ${PATH}/{id}/resume`]: reply({ status: 400, body: { error: 'no such luck' } }),
    })
    await expect(other.resume()).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  const STREAM = (type: string, stream: string | undefined): Routes => ({
    [`GET ${PATH}/{id}`]: { type },
    [`GET ${PATH}/{id}/status`]: {
      id: 'clicks',
      generationTime: '2026-01-01T00:00:00.000Z',
      payload: { stream, state: 'RUNNING', detailedState: 'RUNNING', healthy: true },
    },
    [`POST ${PATH}/{id}/resetOffsets`]: { id: 'clicks' },
  })

  it('is given offsets of Kafka in all their digits', async () => {
    const [clicks, bodies] = supervisor(STREAM('kafka', 'a.*'))
    await clicks.resetOffsets({ 'a:0': 2n ** 53n + 1n, 'a:1': '9007199254740995', 'b:0': 7 })
    expect(bodies.at(-1)).toBe(
      '{"type":"kafka","partitions":{"type":"end","stream":"a.*","partitionOffsetMap":{"a:0":9007199254740993,"a:1":9007199254740995,"b:0":7}}}',
    )
  })

  it('is given offsets of Kinesis as text', async () => {
    const [clicks, bodies] = supervisor(STREAM('kinesis', 'clicks'))
    const digits = '49590338271490256608559692538361571095921575989136588898'
    await clicks.resetOffsets({ 'shardId-0': digits, 'shardId-1': 12n })
    expect(bodies.at(-1)).toContain(`{"shardId-0":"${digits}","shardId-1":"12"}`)
  })

  it.each([
    ['a number that is not exact', { 0: 2 ** 53 }, 'bigint'],
    ['a negative one', { 0: -1 }, 'whole number'],
    ['half a message', { 0: 1.5 }, 'whole number'],
    ['text that is no number', { 0: 'latest' }, 'latest'],
    ['none', {}, 'no partition'],
  ])('refuses %s as an offset', async (_, offsets, why) => {
    const [clicks] = supervisor(STREAM('kafka', 'clicks'))
    await expect(clicks.resetOffsets(offsets)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(why),
    })
  })

  it('cannot be given offsets before Druid 28', async () => {
    const [clicks] = supervisor(STREAM('kafka', 'clicks'), '27.0.0')
    await expect(clicks.resetOffsets({ 0: 1 })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })

  it('has caught up when the end of the stream was looked up since, and reached', async () => {
    const reports = [
      // Not yet looked up since: what it says is of before.
      { at: '00:00:10', updated: '00:00:05', lag: { 0: 0 }, partitions: 1 },
      // One partition is not known yet.
      { at: '00:00:11', updated: '00:00:11', lag: { 0: 0 }, partitions: 2 },
      { at: '00:00:12', updated: '00:00:12', lag: { 0: 0, 1: 3 }, partitions: 2 },
      { at: '00:00:13', updated: '00:00:13', lag: { 0: 0, 1: 0 }, partitions: 2 },
    ]
    const lags: unknown[] = []
    let asked = 0
    const [clicks] = supervisor({
      [`GET ${PATH}/{id}/status`]: () => {
        const { at, updated, lag, partitions } = reports[asked] ?? reports[3] ?? {}
        asked += 1
        return {
          id: 'clicks',
          generationTime: `2026-01-01T${at}.000Z`,
          payload: {
            ...{ stream: 'clicks', partitions, minimumLag: lag },
            aggregateLag: Object.values(lag ?? {}).reduce((a, b) => a + b, 0),
            offsetsLastUpdated: `2026-01-01T${updated}.000Z`,
            ...{ state: 'RUNNING', detailedState: 'RUNNING', healthy: true, suspended: false },
          },
        }
      },
    })
    await clicks.untilCaughtUp({ onProgress: ({ lag }) => lags.push(lag) })
    expect(asked).toBe(4)
    expect(lags).toEqual([0, undefined, 3, 0])
  })
})
