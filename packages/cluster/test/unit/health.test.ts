import { type CheckOptions, cluster, type HealthReport } from '@druid/cluster'
import { connect } from '@druid/core'
import { connectionReset, fakeDruid, type Routes, reply, type ServerInput } from '@druid/testing'
import { describe, expect, it } from 'vitest'

const C = '/druid/coordinator/v1'
const O = '/druid/indexer/v1'

const SERVERS: readonly ServerInput[] = [
  { role: 'router' },
  { role: 'broker' },
  { role: 'coordinator' },
  { role: 'overlord' },
  { role: 'historical' },
  { role: 'middle_manager' },
]

const worker = { host: 'druid.test:8091', capacity: 4, version: '0', scheme: 'http', ip: '1' }
const idle = { worker, currCapacityUsed: 0, availabilityGroups: [], runningTasks: [] }

/** What a cluster answers in which all is well. */
const WELL: Routes = {
  'GET /status/health': true,
  'GET /druid/broker/v1/readiness': reply(),
  'GET /druid/historical/v1/readiness': reply(),
  [`GET ${C}/leader`]: reply({ body: 'http://druid.test:8081' }),
  [`GET ${O}/leader`]: reply({ body: 'http://druid.test:8090' }),
  [`GET ${O}/workers`]: [idle],
  [`GET ${C}/config`]: { pauseCoordination: false, decommissioningNodes: [] },
  [`GET ${C}/loadstatus`]: ({ query }) => {
    if (query.has('full')) return { _default_tier: { flights: 0 } }
    return { flights: query.has('simple') ? 0 : 100 }
  },
  [`GET ${C}/servers`]: [
    { host: 'h:8083', tier: '_default_tier', type: 'historical', currSize: 10, maxSize: 100 },
    { host: 'i:8091', tier: '_default_tier', type: 'indexer-executor', currSize: 0, maxSize: 0 },
  ],
  [`GET ${C}/loadqueue`]: { 'h:8083': { segmentsToLoad: 0, segmentsToDrop: 0 } },
  [`GET ${O}/tasks`]: [],
  [`GET ${O}/supervisor`]: [],
}

async function checked(
  routes: Routes = {},
  options: CheckOptions = {},
  servers: readonly ServerInput[] = SERVERS,
): Promise<HealthReport> {
  const druid = fakeDruid({ servers, routes: { ...WELL, ...routes } })
  const client = connect(druid.url, {
    transport: druid.transport,
    extensions: [cluster.with({ through: 'direct' })],
    retry: false,
  })
  const report = await client.cluster().check(options)
  expect(druid.unanswered).toEqual([])
  return report
}

describe('check() of a healthy cluster', () => {
  it('finds nothing, and says what it looked at', async () => {
    const { status, findings, checks, rows, time } = await checked()
    expect(findings).toEqual([])
    expect(status).toBe('ok')
    expect(checks).toHaveLength(10)
    expect(rows).toEqual(
      checks.map((check) => ({ severity: 'ok', check, subject: '', problem: '', advice: '' })),
    )
    expect(Math.abs(Date.parse(time) - Date.now())).toBeLessThan(10_000)
  })

  it('looks only at what it is asked for', async () => {
    const { checks } = await checked(
      { [`GET ${C}/servers`]: reply({ status: 500 }) },
      {
        checks: ['leaders', 'tasks'],
      },
    )
    expect(checks).toEqual(['leaders', 'tasks'])
  })

  it('refuses checks and limits that nobody knows', async () => {
    await expect(checked({}, { checks: ['leader' as never] })).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringContaining('leaders'),
    })
    await expect(checked({}, { limits: { lags: 1 } as never })).rejects.toThrow(/lag/)
    await expect(checked({}, { limits: { lag: Number.NaN } })).rejects.toMatchObject({
      code: 'CONFIG',
    })
  })

  it('ends with its signal', async () => {
    const signal = AbortSignal.abort()
    await expect(checked({}, { signal })).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

const task = (id: string, more: object): object => ({
  id,
  groupId: id,
  type: 'index_parallel',
  dataSource: 'clicks',
  createdTime: new Date().toISOString(),
  queueInsertionTime: new Date().toISOString(),
  statusCode: 'FAILED',
  errorMsg: 'no room\n\tat a.b.C',
  location: null,
  ...more,
})
const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString()
const tasks =
  (complete: object[], pending: object[] = [], waiting: object[] = []): Routes[string] =>
  ({ query }) =>
    ({ complete, pending, waiting })[query.get('state') ?? ''] ?? []

const stateOf = (id: string, more: object = {}): object => ({
  id,
  state: 'RUNNING',
  detailedState: 'RUNNING',
  healthy: true,
  suspended: false,
  ...more,
})
const supervisor = (payload: object): Routes => ({
  [`GET ${O}/supervisor`]: [stateOf('clicks', payload)],
  [`GET ${O}/supervisor/{id}/status`]: { id: 'clicks', payload: stateOf('clicks', payload) },
})

describe('check() finds', () => {
  it.each<[string, Routes, { severity: string; subject: string; problem: string; facts?: object }]>(
    [
      [
        'no leader',
        { [`GET ${C}/leader`]: reply({ body: '' }) },
        { severity: 'critical', subject: 'coordinator', problem: 'There is no leader' },
      ],
      [
        'a service that does not answer',
        {
          'GET /status/health': ({ roles }) =>
            roles.includes('middle_manager') ? connectionReset() : true,
        },
        {
          severity: 'unknown',
          subject: 'middle_manager druid.test:8091',
          problem: 'does not answer here',
        },
      ],
      [
        'a Historical that is starting',
        { 'GET /druid/historical/v1/readiness': reply({ status: 503 }) },
        { severity: 'warning', subject: 'historical druid.test:8083', problem: 'still starting' },
      ],
      [
        'versions side by side',
        {
          'GET /status': ({ roles }) => ({
            version: roles.includes('broker') ? '33.0.0' : '34.0.0',
            modules: [],
            memory: {},
          }),
        },
        {
          severity: 'warning',
          subject: 'cluster',
          problem: '2 versions of Druid run side by side: 33.0.0, 34.0.0',
          facts: { versions: expect.objectContaining({ 'broker druid.test:8082': '33.0.0' }) },
        },
      ],
      [
        'no workers',
        {
          [`GET ${O}/workers`]: [],
          [`GET ${O}/totalWorkerCapacity`]: {
            currentClusterCapacity: 0,
            maximumCapacityWithAutoScale: -1,
          },
        },
        { severity: 'critical', subject: 'workers', problem: 'There is no worker' },
      ],
      [
        'a worker that is given no tasks',
        { [`GET ${O}/workers`]: [{ ...idle, blacklistedUntil: '2024-01-01T00:00:00.000Z' }] },
        { severity: 'warning', subject: 'worker druid.test:8091', problem: 'too many failed' },
      ],
      [
        'a worker that is disabled',
        { [`GET ${O}/workers`]: [{ ...idle, worker: { ...worker, version: '' } }] },
        { severity: 'notice', subject: 'worker druid.test:8091', problem: 'It is disabled' },
      ],
      [
        'no slot that is free',
        { [`GET ${O}/workers`]: [{ ...idle, currCapacityUsed: 4 }] },
        { severity: 'notice', subject: 'workers', problem: 'All 4 slots are in use' },
      ],
      [
        'a Coordinator that is paused',
        { [`GET ${C}/config`]: { pauseCoordination: true } },
        { severity: 'critical', subject: 'coordinator', problem: 'It is paused' },
      ],
      [
        'servers that are emptied',
        { [`GET ${C}/config`]: { decommissioningNodes: ['h:8083'] } },
        { severity: 'notice', subject: 'coordinator', problem: 'away from h:8083' },
      ],
      [
        'segments that nobody serves',
        {
          [`GET ${C}/loadstatus`]: ({ query }) => {
            if (query.has('full')) return {}
            return query.has('simple') ? { a: 0, flights: 2 } : { a: 100, flights: 50 }
          },
        },
        {
          severity: 'critical',
          subject: 'data source flights',
          problem: '2 segments of it are on no server',
          facts: { dataSource: 'flights', unavailable: 2, percentLoaded: 50 },
        },
      ],
      [
        'replicas that are missing',
        {
          [`GET ${C}/loadstatus`]: ({ query }) =>
            query.has('full')
              ? { hot: { flights: 1 } }
              : { flights: query.has('simple') ? 0 : 100 },
        },
        {
          severity: 'warning',
          subject: 'data source flights',
          problem: '1 segment of it lacks a replica in the tier hot',
        },
      ],
      [
        'more replicas asked for than there are servers',
        {
          [`GET ${C}/loadstatus`]: ({ query }) => {
            if (query.has('computeUsingClusterView')) return { hot: { flights: 0, a: 0 } }
            if (query.has('full')) return { hot: { flights: 3, a: 2 } }
            return { flights: query.has('simple') ? 0 : 100 }
          },
        },
        { severity: 'notice', subject: 'tier hot', problem: '5 segments would be gone with one' },
      ],
      [
        'a server that is nearly full',
        {
          [`GET ${C}/servers`]: [
            { host: 'h:8083', tier: 'hot', type: 'historical', currSize: 95, maxSize: 100 },
          ],
        },
        { severity: 'warning', subject: 'historical h:8083', problem: 'It is 95 % full' },
      ],
      [
        'a long queue of segments',
        { [`GET ${C}/loadqueue`]: { 'h:8083': { segmentsToLoad: 501, segmentsToDrop: 2 } } },
        {
          severity: 'warning',
          subject: 'server h:8083',
          problem: 'still to load 501 segments, and to drop 2',
        },
      ],
      [
        'a short queue of segments',
        { [`GET ${C}/loadqueue`]: { 'h:8083': { segmentsToLoad: 1, segmentsToDrop: 0 } } },
        { severity: 'notice', subject: 'server h:8083', problem: 'still to load 1 segment' },
      ],
      [
        'tasks that fail, by data source, with the reason of the last and without its stack',
        {
          [`GET ${O}/tasks`]: tasks([
            task('old', { createdTime: ago(60), errorMsg: 'other' }),
            task('new', {}),
            task('well', { createdTime: ago(90), statusCode: 'SUCCESS' }),
          ]),
        },
        {
          severity: 'warning',
          subject: 'data source clicks',
          problem: '2 of 3 index_parallel tasks failed, the last one as well: no room',
          facts: expect.objectContaining({ failed: ['new', 'old'] }),
        },
      ],
      [
        'tasks that failed before one that went well',
        {
          [`GET ${O}/tasks`]: tasks([
            task('old', { createdTime: ago(60) }),
            task('new', { statusCode: 'SUCCESS', errorMsg: null }),
          ]),
        },
        { severity: 'notice', subject: 'data source clicks', problem: 'but not the last one' },
      ],
      [
        'a task that nobody works on',
        { [`GET ${O}/tasks`]: tasks([], [task('a', { queueInsertionTime: ago(11) })]) },
        { severity: 'warning', subject: 'tasks', problem: '1 task waits for a worker' },
      ],
      [
        'tasks that wait for a lock',
        {
          [`GET ${O}/tasks`]: tasks(
            [],
            [],
            [
              task('a', { queueInsertionTime: '1970-01-01T00:00:00.000Z', createdTime: ago(11) }),
              task('b', { queueInsertionTime: ago(20) }),
            ],
          ),
        },
        {
          severity: 'warning',
          subject: 'tasks',
          problem: '2 tasks wait for a lock, the oldest (b)',
        },
      ],
      [
        'a supervisor that is unhealthy',
        supervisor({
          state: 'UNHEALTHY_SUPERVISOR',
          detailedState: 'UNABLE_TO_CONNECT_TO_STREAM',
          healthy: false,
          recentErrors: [{ message: 'no such topic', streamException: true }],
        }),
        {
          severity: 'critical',
          subject: 'supervisor clicks',
          problem: 'It is unhealthy (UNABLE_TO_CONNECT_TO_STREAM): no such topic',
        },
      ],
      [
        'a supervisor with errors',
        supervisor({ recentErrors: [{ message: 'lost' }] }),
        { severity: 'notice', subject: 'supervisor clicks', problem: 'It had 1 error of late' },
      ],
      [
        'a supervisor that is suspended',
        supervisor({ state: 'SUSPENDED', suspended: true, aggregateLag: 1e9 }),
        { severity: 'notice', subject: 'supervisor clicks', problem: 'It is suspended' },
      ],
      [
        'a supervisor that is behind, by messages',
        supervisor({ stream: 'clicks', aggregateLag: 100_001 }),
        { severity: 'warning', subject: 'supervisor clicks', problem: '100001 messages behind' },
      ],
      [
        'a supervisor that is behind, by time',
        supervisor({ stream: 'clicks', aggregateLagMillis: 301_000 }),
        { severity: 'warning', subject: 'supervisor clicks', problem: 'It is 301 s behind' },
      ],
    ],
  )('%s', async (_, routes, { problem, ...finding }) => {
    const { findings, status, rows } = await checked(routes)
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({ ...finding, problem: expect.stringContaining(problem) })
    expect(findings[0]?.advice).toMatch(/\w{4,}/)
    expect(findings[0]?.problem).not.toMatch(/\n/)
    expect(status).toBe(finding.severity === 'notice' ? 'ok' : finding.severity)
    const [row] = rows
    expect({ ...row, facts: findings[0]?.facts }).toEqual(findings[0])
    expect(rows.filter(({ check }) => check === row?.check)).toHaveLength(1)
  })

  it.each(['coordinator', 'overlord', 'broker', 'historical'])('no %s at all', async (role) => {
    const servers = SERVERS.filter((server) => 'role' in server && server.role !== role)
    const { findings, status } = await checked({}, { checks: ['services'] }, servers)
    expect(findings).toMatchObject([{ check: 'services', severity: 'critical', subject: role }])
    expect(status).toBe('critical')
  })

  it('no more than that it cannot see where a leader is not reached from here', async () => {
    const there = ({ roles }: { roles: readonly string[] }): boolean =>
      !roles.some((role) => role === 'coordinator' || role === 'overlord')
    const cut = connectionReset()
    const { findings } = await checked(
      {
        'GET /status/health': (request) => there(request) || cut,
        [`GET ${C}/*`]: cut,
        [`GET ${C}/leader`]: cut,
        [`GET ${C}/config`]: cut,
        [`GET ${C}/loadstatus`]: cut,
        [`GET ${C}/servers`]: cut,
        [`GET ${C}/loadqueue`]: cut,
      },
      { checks: ['leaders', 'coordination', 'segments', 'replication', 'servers'] },
    )
    expect(findings.map(({ check, severity }) => [check, severity])).toEqual(
      ['leaders', 'coordination', 'segments', 'replication', 'servers'].map((check) => [
        check,
        'unknown',
      ]),
    )
  })

  it('two that say that they lead', async () => {
    const servers = [
      ...SERVERS.filter((server) => server !== SERVERS[2]),
      { role: 'coordinator', host: 'one', leader: true },
      { role: 'coordinator', host: 'other', leader: true },
    ] satisfies ServerInput[]
    const { findings } = await checked({}, { checks: ['leaders'] }, servers)
    expect(findings[0]?.problem).toMatch(/2 services say that they lead: .*other:8081/)
  })

  it('one of several that does not answer: that is no more than a warning', async () => {
    const servers = [...SERVERS, { role: 'historical', host: 'gone' }] satisfies ServerInput[]
    const { findings } = await checked(
      { 'GET /status/health': ({ url }) => (url.hostname === 'gone' ? connectionReset() : true) },
      {},
      servers,
    )
    expect(findings).toMatchObject([{ severity: 'warning', subject: 'historical gone:8083' }])
  })

  it('nothing in tasks that somebody stopped, that are old, or that others started', async () => {
    const complete = [
      task('stopped', { errorMsg: 'Shutdown request from user' }),
      task('old', { createdTime: ago(25 * 60) }),
      task('parent', { statusCode: 'SUCCESS' }),
      task('child', { groupId: 'parent' }),
    ]
    const { findings } = await checked({ [`GET ${O}/tasks`]: tasks(complete) })
    expect(findings).toEqual([])
  })

  it('nothing in segments that were loaded since the Coordinator last ran', async () => {
    const { findings } = await checked({
      [`GET ${C}/loadstatus`]: ({ query }) => {
        if (query.has('full')) return {}
        return { flights: query.has('simple') ? 1 : 100 }
      },
    })
    expect(findings).toEqual([])
  })

  it('nothing where its limits are higher', async () => {
    const routes = {
      ...supervisor({ aggregateLag: 200_000 }),
      [`GET ${C}/loadqueue`]: { h: { segmentsToLoad: 600, segmentsToDrop: 0 } },
      [`GET ${O}/tasks`]: tasks([], [task('a', { queueInsertionTime: ago(11) })]),
    }
    const limits = { lag: 300_000, segmentsToLoad: 1_000, taskWait: 3_600_000 }
    const { status, findings } = await checked(routes, { limits })
    expect(status).toBe('ok')
    expect(findings.map(({ severity }) => severity)).toEqual(['notice'])
  })

  it('the worst first', async () => {
    const { findings, status } = await checked({
      [`GET ${C}/config`]: { pauseCoordination: true, decommissioningNodes: ['h:8083'] },
      [`GET ${C}/loadqueue`]: { h: { segmentsToLoad: 600, segmentsToDrop: 0 } },
      [`GET ${O}/supervisor`]: reply({ status: 500, body: 'lost' }),
    })
    expect(findings.map(({ severity }) => severity)).toEqual([
      'critical',
      'warning',
      'unknown',
      'notice',
    ])
    expect(status).toBe('critical')
  })
})

describe('what the user may not see', () => {
  const forbidden = reply({
    status: 403,
    headers: { 'content-type': 'application/json' },
    body: { error: 'Unauthorized' },
  })

  it('is found as that, as is what may be hidden in lists', async () => {
    const { findings, status } = await checked({
      [`GET ${C}/loadstatus`]: forbidden,
      [`GET ${O}/workers`]: forbidden,
    })
    expect(status).toBe('unknown')
    expect(findings.map(({ check, severity }) => [check, severity])).toEqual(
      ['workers', 'segments', 'replication', 'tasks', 'supervisors'].map((check) => [
        check,
        'unknown',
      ]),
    )
    expect(findings[0]?.problem).toMatch(/may not see/)
    expect(findings[0]?.advice).toMatch(/STATE READ/)
    expect(findings[3]?.problem).toMatch(/Only tasks of data sources that this user may read/)
  })

  it('is nothing of the sort where it could not be asked', async () => {
    const { findings } = await checked({ [`GET ${O}/workers`]: reply({ status: 500, body: 'x' }) })
    expect(findings).toMatchObject([
      { check: 'workers', severity: 'unknown', problem: expect.stringContaining('500') },
    ])
  })

  it('is an error where nobody knows the user', async () => {
    const unknown = reply({ status: 401 })
    await expect(checked({ [`GET ${O}/workers`]: unknown })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    })
  })
})
