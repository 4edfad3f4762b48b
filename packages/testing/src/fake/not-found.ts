import { type FakeReply, reply } from './reply.ts'
import type { FakeRequest } from './request.ts'

const QUERYING = ['broker', 'router', 'historical', 'indexer', 'peon']

/** Which servers serve what; the first that fits. `undefined`: all of Druid's. */
const SERVED: readonly (readonly [prefix: string, roles: readonly string[] | undefined])[] = [
  ['/status', undefined],
  ['/druid-ext', undefined],
  ['/druid/v2/sql', ['broker', 'router']],
  ['/druid/v2', QUERYING],
  ['/druid/v1/lookups', QUERYING],
  ['/druid/coordinator', ['coordinator', 'router']],
  ['/druid/indexer', ['overlord', 'coordinator', 'router']],
  ['/druid/worker', ['middle_manager', 'indexer', 'peon']],
  ['/druid/historical', ['historical', 'broker']],
  ['/druid/broker', ['broker']],
  ['/druid/router', ['router']],
  ['/proxy', ['router']],
]

/**
 * Whether servers of these roles have something at that path: `no` for the paths of other servers,
 * `unknown` for those that only an extension of Druid could have.
 */
export function servedBy(roles: readonly string[], path: string): 'yes' | 'no' | 'unknown' {
  const found = SERVED.find(([prefix]) => isBelow(path, prefix))
  if (found === undefined) return 'unknown'
  const [, servers] = found
  return servers === undefined || servers.some((role) => roles.includes(role)) ? 'yes' : 'no'
}

export function isBelow(path: string, prefix: string): boolean {
  return `${path}/`.startsWith(`${prefix}/`)
}

/** Below these a Router or a Coordinator answers like any other server. */
const FILTERED: Readonly<Record<string, readonly string[]>> = {
  router: [
    '/status',
    '/druid-ext',
    '/druid/v2',
    '/druid/v1/lookups',
    '/druid/coordinator',
    '/druid/indexer',
  ],
  coordinator: ['/status', '/druid-ext', '/druid/coordinator', '/druid/indexer'],
}

/**
 * 404 for a path that there is not: empty, but for the pages of the web servers that Router,
 * Coordinator and Overlord have for their console.
 */
export function notFound({ roles, path, headers }: FakeRequest): FakeReply {
  const role = ['router', 'coordinator', 'overlord'].find((one) => roles.includes(one))
  const filtered = FILTERED[role === 'overlord' ? 'coordinator' : (role ?? '')] ?? ['']
  if (role === undefined || filtered.some((prefix) => isBelow(path, prefix))) {
    return { ...reply({ status: 404 }), ofDruid: true }
  }
  const servlet =
    role === 'router' ? 'org.eclipse.jetty.servlet.DefaultServlet-3a1d593e' : 'default'
  return jettyPage({ status: 404, message: 'Not Found', path, servlet, accept: headers.accept })
}

/** The error page of Jetty, as `Accept` has it. */
function jettyPage(page: {
  readonly status: number
  readonly message: string
  readonly path: string
  readonly servlet: string
  readonly accept: string | undefined
}): FakeReply {
  const { status, message, path, servlet } = page
  const json = page.accept?.includes('application/json') === true
  const body = json
    ? `{\n"servlet":"${servlet}",\n"message":"${message}",\n"url":"${path}",\n"status":"${status}"\n}`
    : `<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html;charset=ISO-8859-1"/>\n<title>Error ${status} ${message}</title>\n</head>\n<body><h2>HTTP ERROR ${status} ${message}</h2>\n<table>\n<tr><th>URI:</th><td>${path}</td></tr>\n<tr><th>STATUS:</th><td>${status}</td></tr>\n<tr><th>MESSAGE:</th><td>${message}</td></tr>\n<tr><th>SERVLET:</th><td>${servlet}</td></tr>\n</table>\n\n</body>\n</html>\n`
  const headers = {
    'content-security-policy': "frame-ancestors 'none'",
    'cache-control': 'must-revalidate,no-cache,no-store',
    'content-type': json ? 'application/json' : 'text/html;charset=iso-8859-1',
  }
  return { ...reply({ status, headers, body }), ofDruid: true }
}
