import { cluster, type TaskProgress } from '@druid/cluster'
import { connect } from '@druid/core'
import { cutAfter, type FakeDruid, fakeDruid, faultServer, noAnswer, reply } from '@druid/testing'
import { describe, expect, it } from 'vitest'

const V1 = '/druid/indexer/v1'
const SUBMIT = `POST ${V1}/task`
const STATUS = `GET ${V1}/task/{id}/status`
const REPORTS = `GET ${V1}/task/{id}/reports`

const opened = ({ url, transport }: FakeDruid) =>
  connect(url, { transport, extensions: [cluster] }).cluster()

function status(statusCode: string, runnerStatusCode = 'RUNNING', more: object = {}): object {
  const createdTime = '2024-01-01T00:00:00.000Z'
  const location = { host: null, port: -1, tlsPort: -1 }
  const task = { id: 'x', groupId: 'x', type: 'index_parallel', dataSource: 'flights' }
  return {
    status: {
      ...task,
      statusCode,
      runnerStatusCode,
      createdTime,
      location,
      errorMsg: null,
      ...more,
    },
  }
}

function reports(payload: object): object {
  const report = { type: 'ingestionStatsAndErrors', taskId: 'x', payload }
  return { ingestionStatsAndErrors: report }
}

/** A task that is in these states, one after the other, and has this report. */
function inStates(states: readonly unknown[], report: unknown = reply({ status: 404 })): FakeDruid {
  let asked = 0
  return fakeDruid({
    routes: {
      [STATUS]: () => {
        const state = states[Math.min(asked, states.length - 1)]
        asked += 1
        return state as object
      },
      [REPORTS]: report as object,
      [`GET ${V1}/tasks`]: [
        { id: 'x', groupId: 'x', statusCode: 'RUNNING' },
        { id: 'a', groupId: 'x', statusCode: 'RUNNING' },
        { id: 'b', groupId: 'x', statusCode: 'SUCCESS' },
        { id: 'c', groupId: 'x', statusCode: 'SUCCESS' },
        { id: 'd', groupId: 'other', statusCode: 'FAILED' },
      ],
    },
  })
}

describe('65 Ingest helper with a waiting task object: wait()', () => {
  it('tells what is new: the phase, the rows so far, the subtasks; and invents nothing', async () => {
    const rowStats = { totals: { buildSegments: { processed: 7, unparseable: 1 } } }
    const druid = inStates(
      [
        status('RUNNING', 'WAITING'),
        status('RUNNING', 'PENDING'),
        status('RUNNING', 'RUNNING'),
        status('RUNNING', 'RUNNING'),
        // As it ends, it no longer runs for the runner.
        status('RUNNING', 'NONE'),
        status('RUNNING', 'WAITING'),
        status('SUCCESS', 'NONE'),
      ],
      reports({ ingestionState: 'BUILD_SEGMENTS', rowStats }),
    )
    const told: TaskProgress[] = []
    const onProgress = (it: TaskProgress): void => void told.push(it)
    expect(await opened(druid).task('x').wait({ onProgress })).toMatchObject({
      statusCode: 'SUCCESS',
    })
    expect(told.map(({ phase }) => phase)).toEqual(['waiting', 'pending', 'running', 'success'])
    expect(told[2]).toMatchObject({
      taskId: 'x',
      ingestionState: 'BUILD_SEGMENTS',
      rows: { processed: 7, unparseable: 1, thrownAway: 0 },
      subtasks: { running: 1, succeeded: 2, failed: 0 },
    })
    expect(Object.keys(told[0] ?? {})).not.toContain('rows')
  })

  it('goes on where the details are not to be had', async () => {
    const druid = inStates([status('RUNNING'), status('SUCCESS')], {
      error: "Can't find chatHandler for handler[x]",
    })
    const phases: string[] = []
    await opened(druid)
      .task('x')
      .wait({ onProgress: ({ phase }) => phases.push(phase) })
    expect(phases).toEqual(['running', 'success'])
  })

  it('asks for no details where nobody listens', async () => {
    const druid = inStates([status('RUNNING'), status('SUCCESS')])
    await opened(druid).task('x').wait()
    const paths = druid.requests.map(({ path }) => path).join()
    expect(paths).toContain('/task/x/status')
    expect(paths).not.toMatch(/reports|tasks/)
  })

  it('waits through a leader that changes and an Overlord that is away', async () => {
    const away = [503, 502, 307].map((code) => reply({ status: code }))
    const druid = inStates([status('RUNNING'), ...away, status('SUCCESS')])
    await opened(druid).task('x').wait()
    await expect(
      opened(inStates([reply({ status: 403 })]))
        .task('x')
        .wait(),
    ).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  it('is a TIMEOUT after its time, and the task goes on', async () => {
    const druid = inStates([status('RUNNING')])
    await expect(opened(druid).task('x').wait({ timeout: 50 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      phase: 'total',
    })
    expect(druid.requests.map(({ path }) => path).join()).not.toContain('shutdown')
    const signal = AbortSignal.abort()
    await expect(opened(druid).task('x').wait({ signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
  })

  it('rejects with the reason, and the first of the rows that could not be read', async () => {
    const event = (input: unknown) => ({
      input,
      errorType: 'unparseable',
      details: [`Unable to parse row [${input}]`],
      timeOfExceptionMillis: 1,
    })
    const buildSegments = Array.from({ length: 500 }, (_, i) => event(i))
    const errorMsg = 'java.lang.RuntimeException: bad\n\tat org.apache.X(Y.java:1)\n\t... 3 more'
    const druid = inStates(
      [status('FAILED', 'NONE', { errorMsg })],
      reports({
        ingestionState: 'BUILD_SEGMENTS',
        unparseableEvents: { determinePartitions: [event('twice')], buildSegments },
      }),
    )
    await expect(opened(druid).task('x').wait()).rejects.toMatchObject({
      code: 'TASK_FAILED',
      taskId: 'x',
      dataSource: 'flights',
      message: expect.stringContaining(
        'task x failed: java.lang.RuntimeException: bad; the first row that it could not read: Unable to parse row [0]',
      ),
      unparseableEvents: buildSegments.slice(0, 10),
    })
  })
})

describe('64 Submit task', () => {
  it('chooses an id, so that the task can be taken up again; a given one stays', async () => {
    const bodies: unknown[] = []
    const druid = fakeDruid({
      routes: {
        [SUBMIT]: ({ body }) => {
          bodies.push(body)
          return { task: (body as { id: string }).id }
        },
      },
    })
    const task = await opened(druid).submit({ type: 'noop' })
    expect(task.id).toMatch(/^noop_[\da-f-]{36}$/)
    expect((await opened(druid).submit({ type: 'noop', id: 'mine' })).id).toBe('mine')
    expect(bodies).toEqual([
      { type: 'noop', id: task.id },
      { type: 'noop', id: 'mine' },
    ])
    await expect(opened(druid).submit({} as { type: string })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
  })

  it.each([
    ['has got it', true],
    ['has not got it', false],
  ])(
    'is never sent twice: cut before the reply, where the Overlord %s',
    async (_, known) => {
      const submitted: unknown[] = []
      await using server = await faultServer({
        routes: {
          [SUBMIT]: ({ body }) => {
            submitted.push(body)
            return { task: 'x' }
          },
          [STATUS]: () => (known ? status('RUNNING') : reply({ status: 404 })),
        },
      })
      server.next(cutAfter(0, { in: 'reply' }), { on: SUBMIT })
      const druid = connect(server.url, { extensions: [cluster] })
      const submitting = druid.cluster().submit({ type: 'noop', id: 'x' })
      if (known) expect((await submitting).id).toBe('x')
      else await expect(submitting).rejects.toMatchObject({ code: 'CONNECT' })
      expect(submitted).toHaveLength(1)
      expect(server.count(SUBMIT)).toBe(1)
      await druid.close()
    },
    20_000,
  )
})

describe('64 Submit task through a gateway', () => {
  it.each([
    ['502', () => reply({ status: 502, body: '<html>Bad Gateway</html>' })],
    ['504', () => reply({ status: 504 })],
    ['a page', () => reply({ body: '<html>Welcome</html>' })],
    ['nothing in time', () => noAnswer()],
  ])('that answers %s: the task is there, and not sent again', async (_, answer) => {
    const submitted: unknown[] = []
    const druid = fakeDruid({
      routes: {
        [SUBMIT]: ({ body }) => {
          submitted.push(body)
          return answer()
        },
        [STATUS]: () => (submitted.length > 0 ? status('RUNNING') : reply({ status: 404 })),
      },
    })
    const options = { timeout: { firstByte: 200 } }
    expect((await opened(druid).submit({ type: 'noop', dataSource: 'a' }, options)).id).toMatch(
      /^noop_a_/,
    )
    expect(submitted).toHaveLength(1)
  })
})

describe('the names of tasks and data sources', () => {
  it('come to Druid as they are', async () => {
    const asked: unknown[] = []
    const druid = fakeDruid({
      routes: {
        [STATUS]: ({ params }) => {
          asked.push(params.id)
          return status('RUNNING')
        },
        [`POST ${V1}/datasources/{name}/shutdownAllTasks`]: ({ params }) => {
          asked.push(params.name)
          return {}
        },
        [`GET ${V1}/tasks`]: ({ query }) => {
          asked.push(query.get('datasource'))
          return []
        },
      },
    })
    const names = ['100% é', 'a b/c?d#e', '漢字 🎉']
    for (const name of names) {
      await opened(druid).task(name).status()
      await opened(druid).overlordClient().shutdownAll(name)
      await opened(druid).tasks({ dataSource: name })
    }
    expect(asked).toEqual(names.flatMap((name) => [name, name, name]))
  })
})

describe('68 Shut down tasks', () => {
  it('stops those of a data source one by one where the endpoint for all is not reached', async () => {
    const stopped: unknown[] = []
    const druid = fakeDruid({
      routes: {
        [`POST ${V1}/datasources/{name}/shutdownAllTasks`]: reply({ status: 404 }),
        [`GET ${V1}/tasks`]: [
          { id: 'a', statusCode: 'RUNNING' },
          { id: 'b', statusCode: 'SUCCESS' },
          { id: 'c', statusCode: 'RUNNING' },
        ],
        [`POST ${V1}/task/{id}/shutdown`]: ({ params }) => {
          stopped.push(params.id)
          // Ended meanwhile.
          return params.id === 'c' ? reply({ status: 404 }) : { task: params.id }
        },
      },
    })
    await opened(druid).overlordClient().shutdownAll('flights')
    expect(stopped).toEqual(['a', 'c'])
  })
})
