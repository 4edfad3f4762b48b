import { connect, type Transport } from '@druid/core'
import {
  type ClusterContext,
  defineExtension,
  type ExtensionHost,
  type ServiceHost,
} from '@druid/core/extension'
import { fetchTransport } from '@druid/core/fetch'
import { describe, expect, it } from 'vitest'
import { FakeCluster } from './fake-cluster.ts'
import { headerRows } from './reply.ts'
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
      if (FORMS.some((form) => value.includes(form))) found.push(path)
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

/** All that an extension is given, gathered while it is used against this URL. */
async function givenTo(url: string, transport: Transport | undefined): Promise<unknown[]> {
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
      context.queries({
        sqlRequest: (request, call) => void given.push(request, call) as undefined,
        rows: (batches, call) => void given.push(batches, call) as undefined,
        error: (error) => void given.push(error) as undefined,
      })
      context.mapUrl((server) => void given.push(server) as undefined)
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
  const druid = connect(url.replace('//', `//admin:${SECRET}@`), {
    extensions: [cluster, nosy],
    headers: { cookie: COOKIE, 'x-api-key': SECRET },
    extensionOptions: { other: { password: SECRET } },
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
    druid
      .with({ headers: { authorization: 'x' } })
      .request('GET', '/z', undefined, { expect: 'text' }),
  ]
  for (const result of await Promise.allSettled(calls)) keep(result)
  given.push(druid.extensions(), (client as typeof druid).extensions())
  given.push(await druid.close().catch((error: unknown) => error))
  return given
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
    ['breaks off', () => [200, `${headerRows([['a', 'LONG', 'BIGINT']])}[1]\n`]],
    ['sends no JSON', () => [200, '<html>']],
  ]
  it.each(replies)('where the server %s', async (_name, reply) => {
    await using server = await serve((request, response) => {
      const [status, body] = reply(request.path)
      response.writeHead(status).end(body)
    })
    const given = await givenTo(server.url, transport)
    expect(given.length).toBeGreaterThan(20)
    expect(server.arrived.some(({ headers }) => headers['x-api-key'] === SECRET)).toBe(true)
    expect(given.flatMap((value, i) => leaks(value).map((path) => `${i}${path}`))).toEqual([])
  })

  it('where nothing listens', async () => {
    const given = await givenTo(await deadUrl(), transport)
    expect(given.flatMap((value, i) => leaks(value).map((path) => `${i}${path}`))).toEqual([])
  })
})
