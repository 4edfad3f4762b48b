import { isBelow } from './not-found.ts'
import { druidReply, type FakeReply, reply } from './reply.ts'
import type { FakeRequest } from './request.ts'
import type { Server } from './server.ts'
import type { SqlEndpoint } from './sql.ts'

/** Where a request is answered: a Router and a Coordinator pass some on. */
export interface Place {
  readonly path: string
  /** The servers that the process there is. */
  readonly here: readonly Server[]
}

/** Follows a request to the server that answers it; a reply where there is none, or another leads. */
export function placeOf(
  request: FakeRequest,
  asked: Place,
  servers: readonly Server[],
): Place | FakeReply {
  const { here, path } = asked
  const is = (role: string): boolean => here.some((server) => server.role === role)
  const [, named, rest] = /^\/proxy\/([^/]+)(\/.*)?$/.exec(path) ?? []
  if (is('router') && path === '/proxy/enabled') {
    const body = JSON.stringify({ enabled: true })
    return { ...reply({ body }), headers: {}, ofDruid: true }
  }
  if (is('router') && named !== undefined) {
    if (named !== 'coordinator' && named !== 'overlord') {
      const body = JSON.stringify({ error: `Unsupported proxy destination[${path}]` })
      return { ...reply({ status: 400, body }), headers: {}, ofDruid: true }
    }
    return leading(named, rest ?? '/')
  }
  const role = isBelow(path, '/druid/coordinator')
    ? 'coordinator'
    : isBelow(path, '/druid/indexer')
      ? 'overlord'
      : undefined
  if (role === undefined) return asked
  if (is('router') || (role === 'overlord' && is('coordinator') && !is('overlord'))) {
    return leading(role, path)
  }
  const own = here.find((server) => server.role === role)
  if (own === undefined || own.leader || /\/(is)?leader$/i.test(path)) return asked
  const leader = servers.find((server) => server.role === role && server.leader)?.urls[0]
  if (leader === undefined) return druidReply(503, { error: 'no leader' })
  const location = `${leader.href.replace(/\/$/, '')}${path}${request.url.search}`
  return { ...reply({ status: 307, headers: { location } }), ofDruid: true }

  function leading(wanted: string, there: string): Place | FakeReply {
    const leader = servers.find((server) => server.role === wanted && server.leader)
    if (leader !== undefined) {
      const sharing = servers.filter((server) => server.row.server === leader.row.server)
      return { here: sharing, path: there }
    }
    const error = `Unable to determine destination[${path}]; is your coordinator/overlord running?`
    return druidReply(503, { error })
  }
}

type Own = readonly [
  method: string,
  path: RegExp,
  roles: readonly string[] | undefined,
  answer: (match: string) => FakeReply | Promise<FakeReply>,
]

/** What the fake answers by itself at a place; `undefined`: nothing. */
export function ownReply(
  request: FakeRequest,
  { path, here }: Place,
  druid: {
    readonly version: string
    readonly servers: readonly Server[]
    readonly sql: SqlEndpoint
    readonly attempted: string
  },
): FakeReply | Promise<FakeReply> | undefined {
  const { servers, sql } = druid
  const roles = here.map(({ role }) => role)
  const leads = (role: string): FakeReply => {
    const leader = here.some((server) => server.role === role && server.leader)
    return druidReply(leader ? 200 : 404, { leader })
  }
  const leaderOf = (role: string): FakeReply => {
    const leader = servers.find((server) => server.role === role && server.leader)
    const body = leader?.urls[0]?.origin ?? ''
    // Declared as JSON, and not quoted.
    return { ...reply({ body, headers: { 'content-type': 'application/json' } }), ofDruid: true }
  }
  const brokers = servers.filter(({ role }) => role === 'broker').map(({ row }) => row.server)
  const OWN: readonly Own[] = [
    ['GET', /^\/status\/?$/, undefined, () => druidReply(200, statusOf(druid.version))],
    ['GET', /^\/status\/health$/, undefined, () => druidReply(200, true)],
    [
      'GET',
      /^\/status\/selfDiscovered\/status$/,
      undefined,
      () => druidReply(200, { selfDiscovered: true }),
    ],
    ['GET', /^\/druid\/coordinator\/v1\/leader$/, ['coordinator'], () => leaderOf('coordinator')],
    ['GET', /^\/druid\/coordinator\/v1\/isLeader$/, ['coordinator'], () => leads('coordinator')],
    ['GET', /^\/druid\/indexer\/v1\/leader$/, ['overlord'], () => leaderOf('overlord')],
    ['GET', /^\/druid\/indexer\/v1\/isLeader$/, ['overlord'], () => leads('overlord')],
    [
      'GET',
      /^\/druid\/router\/v1\/brokers$/,
      ['router'],
      () => druidReply(200, { 'druid/broker': brokers }),
    ],
    [
      'POST',
      /^\/druid\/v2\/sql\/?$/,
      ['broker', 'router'],
      () => sql.run(request, druid.attempted, !request.roles.includes('router')),
    ],
    [
      'DELETE',
      /^\/druid\/v2\/sql\/([^/]+)$/,
      ['broker', 'router'],
      (id) => sql.cancel(decodeURIComponent(id)),
    ],
    ['DELETE', /^\/druid\/v2\/(?!sql$)([^/]+)$/, ['broker', 'router'], accepted],
  ]
  const there = OWN.filter(([, pattern, only]) => {
    return pattern.test(path) && (only === undefined || only.some((role) => roles.includes(role)))
  })
  const found = there.find(([method]) => method === request.method)
  if (found !== undefined) return found[3](found[1].exec(path)?.[1] ?? '')
  // Below this path, extensions of Druid have endpoints of their own.
  const [other] = there.filter(([method]) => method !== 'DELETE')
  if (other === undefined) return undefined
  const allow = other[0] === 'GET' ? 'HEAD,GET,OPTIONS' : `${other[0]},OPTIONS`
  return { ...reply({ status: 405, headers: { allow } }), ofDruid: true }
}

/** To a DELETE of a native query Druid always says so. */
function accepted(): FakeReply {
  const headers = { 'content-type': 'application/json' }
  return { ...reply({ status: 202, headers }), ofDruid: true }
}

function statusOf(version: string): unknown {
  const memory = {
    maxMemory: 536_870_912,
    totalMemory: 268_435_456,
    freeMemory: 134_217_728,
    usedMemory: 134_217_728,
    directMemory: 536_870_912,
  }
  return { version, modules: [], memory }
}
