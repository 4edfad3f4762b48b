import { inspect } from 'node:util'
import { type Auth, connect, type Transport } from '@druid/core'
import {
  type ClusterContext,
  defineExtension,
  type ExtensionHost,
  type RegistrationContext,
  type ServiceHost,
} from '@druid/core/extension'
import { fetchTransport } from '@druid/core/fetch'
import { describe, expect, it } from 'vitest'
import { FakeCluster } from './fake-cluster.ts'
import { arrayLines, headerRows } from './reply.ts'
import { deadUrl, serve } from './server.ts'

const SECRET = 's3cr3t'
const COOKIE = 'session=s3cr3t'
/** Everything that the secret may look like: as it is, and in a Basic header. */
const FORMS = [SECRET, Buffer.from(`admin:${SECRET}`).toString('base64')]

/**
 * Every value that code can reach from this one without calling more than getters: own and inherited
 * properties, symbols, entries of collections. What is behind functions and private members is not.
 */
function leaks(start: unknown): string[] {
  const found: string[] = []
  const seen = new Set<unknown>()
  const waiting: { value: unknown; path: string }[] = [{ value: start, path: '' }]
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    const { value, path } = one
    if (typeof value === 'string') {
      if (holdsSecret(value)) found.push(path)
      continue
    }
    const isObject = typeof value === 'object' && value !== null
    if ((!isObject && typeof value !== 'function') || seen.has(value)) continue
    if (value === globalThis || value === process) continue
    seen.add(value)
    if (value instanceof Uint8Array) {
      waiting.push({ value: Buffer.from(value).toString('latin1'), path: `${path}<bytes>` })
      continue
    }
    for (const key of Reflect.ownKeys(value)) {
      try {
        waiting.push({ value: Reflect.get(value, key), path: `${path}.${String(key)}` })
      } catch {
        // A getter for another receiver.
      }
    }
    if (value instanceof Map || value instanceof Set || value instanceof Headers) {
      waiting.push({ value: [...value], path: `${path}<entries>` })
    }
    waiting.push({ value: Object.getPrototypeOf(value), path: `${path}<prototype>` })
  }
  return found
}

it('the walk finds what is hidden in a symbol, a getter, a Map, an error', () => {
  class Hiding {
    get token(): string {
      return SECRET
    }
  }
  const hidden = {
    [Symbol('s')]: new Map([['k', [SECRET]]]),
    error: new Error('x', { cause: new Hiding() }),
    headers: new Headers({ authorization: `Basic ${FORMS[1]}` }),
  }
  expect(leaks(hidden).length).toBeGreaterThanOrEqual(3)
})

/** The ways to say who calls: all of them hold the secret. `sso` is an extension's own. */
const AUTHS: readonly [string, (url: string) => [url: string, auth: Auth | undefined]][] = [
  ['in the URL', (url) => [url.replace('//', `//admin:${SECRET}@`), undefined]],
  ['a password', (url) => [url, { user: 'admin', password: SECRET }]],
  ['a token', (url) => [url, { token: SECRET }]],
  ['a token provider', (url) => [url, { token: async () => SECRET }]],
  ['an extension', (url) => [url, 'sso']],
]

interface Formatting {
  format(statement: string, name: string): Promise<string>
}

/** All that an extension is given, gathered while it is used against this URL. */
async function givenTo(
  url: string,
  auth: Auth | undefined,
  transport: Transport | undefined,
): Promise<unknown[]> {
  const given: unknown[] = []
  const keep = <T>(value: T): T => {
    given.push(value)
    return value
  }
  class Keeping {
    constructor(...args: unknown[]) {
      given.push(...args)
    }
  }
  class KeepingCluster extends FakeCluster {
    readonly own: ServiceHost
    constructor(client: ExtensionHost, context: ClusterContext) {
      super(client, context)
      keep(context)
      this.own = keep(context.service(context.url))
      given.push(context.mapUrl({ host: 'x' }))
      given.push(context.service(new URL(`http://admin:${SECRET}@elsewhere.example/`)))
    }
    override serviceHost(): ServiceHost {
      return this.own
    }
  }
  const cluster = defineExtension({ name: 'cluster', cluster: KeepingCluster })
  const nosy = defineExtension({
    name: 'nosy',
    setup(context) {
      keep(context)
      context.use(async (request, next) => {
        keep(request)
        try {
          return keep(await next(request))
        } catch (error) {
          keep(error)
          throw error
        }
      })
      const late = { phase: 'late' } as const
      context.use((request, next) => next(keep({ ...keep(request), headers: {} })), late)
      // Not arrow functions: they are given a `this`, too.
      context.codec('COMPLEX<x>', {
        decode(...args: unknown[]) {
          given.push(this, ...args)
        },
      })
      context.formatter('nosy', {
        mediaType: 'text/plain',
        async *format(input, options) {
          given.push(this, input, options)
          try {
            keep(await input.columns)
            for await (const batch of input) keep(batch)
          } catch (error) {
            keep(error)
          }
          yield ''
        },
      })
      context.queries({
        sqlRequest: (request, call) => void given.push(request, call) as undefined,
        rows: (batches, call) => void given.push(batches, call) as undefined,
        error: (error) => void given.push(error) as undefined,
      })
      context.queries({
        sqlRequest(this: unknown, ...args) {
          given.push(this, ...args)
          return undefined
        },
      })
      context.mapUrl(function (this: unknown, server) {
        given.push(this, server)
        return undefined
      })
      context.onClose(function (this: unknown, ...args: unknown[]) {
        given.push(this, ...args)
      })
      return context.define({
        client: Keeping,
        roles: { talaria: Keeping },
        clusterMethods: { analyzer: Keeping },
      })
    },
  })
  // Another extension, whose secret is none of the nosy one's.
  const sso = defineExtension({
    name: 'sso',
    setup(context: RegistrationContext<{ password: string }>) {
      const { password = '' } = context.options ?? {}
      context.auth('sso', () => (request) => {
        keep(request)
        return { authorization: `Bearer ${password}` }
      })
    },
  })
  const druid = connect(url, {
    extensions: [cluster, sso, nosy],
    headers: { cookie: COOKIE, 'x-api-key': SECRET },
    extensionOptions: { sso: { password: SECRET } },
    ...(auth && { auth }),
    ...(transport && { transport }),
  })
  druid.nosyClient()
  druid.cluster().analyzer()
  druid.cluster().talariaClient()
  const { own, client } = druid.cluster()
  const calls = [
    client.query('SELECT 1'),
    client.request('GET', '/x'),
    client.request('GET', 'http://elsewhere/'),
    own.request('GET', '/y'),
    druid.query('SELECT 2', { signal: AbortSignal.timeout(30) }),
    client.version(),
    client.columns('SELECT 1'),
    client
      .raw('SELECT 1')
      .then(async ({ body, headers }) => [headers, await new Response(body).text()]),
    client.stream('SELECT 1')[Symbol.asyncIterator]().next(),
    (druid as unknown as Formatting).format('SELECT 1', 'nosy'),
    druid
      .with({ headers: { authorization: `Bearer ${SECRET}`, cookie: COOKIE } })
      .request('GET', '/z', undefined, { expect: 'text' }),
    druid.query('SELECT 3', { headers: { 'X-Api-Key': SECRET } }),
  ]
  for (const result of await Promise.allSettled(calls)) keep(result)
  given.push(druid.extensions(), (client as typeof druid).extensions())
  given.push(await druid.close().catch((error: unknown) => error))
  return given
}

/** Where the secret is found, by any walk. */
function found(given: readonly unknown[]): string[] {
  return given.flatMap((value, i) => {
    const shown = inspect(value, { depth: 20, showHidden: true, getters: true })
    const seen = holdsSecret(shown) ? [`${i} (inspect)`] : []
    return [...seen, ...leaks(value).map((path) => `${i}${path}`)]
  })
}

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
])('what an extension is given shows no credentials, by the %s transport', (_, transport) => {
  const replies: [string, (path: string) => [status: number, body: string]][] = [
    ['answers', () => [200, '{}']],
    ['refuses', () => [401, '{"error":"Unauthorized"}']],
    [
      'forbids',
      () => [403, '{"error":"druidException","errorCode":"forbidden","errorMessage":"no"}'],
    ],
    ['answers a query', () => [200, arrayLines([['a', 'COMPLEX<x>', 'OTHER']], '["\\"Ag\\""]')]],
    ['breaks off', () => [200, `${headerRows([['a', 'LONG', 'BIGINT']])}[1]\n`]],
    ['sends no JSON', () => [200, '<html>']],
  ]
  const ways = AUTHS.flatMap(([way, of]) =>
    replies.map(([what, reply]) => ({ way, of, what, reply })),
  )
  it.each(ways)('with $way, where the server $what', async ({ of, reply }) => {
    await using server = await serve((request, response) => {
      const [status, body] = reply(request.path)
      response.writeHead(status, { 'set-cookie': COOKIE }).end(body)
    })
    const [url, auth] = of(server.url)
    const given = await givenTo(url, auth, transport)
    expect(given.length).toBeGreaterThan(40)
    // It was there to be found.
    const arrived = server.arrived.map(({ headers }) => headers)
    expect(arrived.every((headers) => headers['x-api-key'] === SECRET)).toBe(true)
    expect(arrived.every((headers) => headers.cookie === COOKIE)).toBe(true)
    expect(arrived.every(({ authorization = '' }) => holdsSecret(authorization))).toBe(true)
    expect(found(given)).toEqual([])
  })

  it.each(AUTHS)('with %s, where nothing listens', async (_way, of) => {
    const [url, auth] = of(await deadUrl())
    expect(found(await givenTo(url, auth, transport))).toEqual([])
  })
})

function holdsSecret(text: string): boolean {
  return FORMS.some((form) => text.includes(form))
}
