import { connect } from '@druid/core'
import {
  type AnyExtension,
  defineExtension,
  type ExtensionHost,
  type RegistrationContext,
} from '@druid/core/extension'
import { describe, expect, it } from 'vitest'
import { FakeCluster, fakeCluster, fakeService } from './fake-cluster.ts'
import { extensionError, open, plain, Thing, thing } from './plain-extension.ts'
import { arrayLines, canned } from './reply.ts'

/** Numbers that look random and are the same in every run. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

const REPLY = arrayLines([['a', 'COMPLEX<good>', 'OTHER']], '["\\"Ag==\\""]')
const upper = { mediaType: 'text/plain', format: () => pieces() }
async function* pieces(): AsyncGenerator<string> {
  yield 'formatted'
}

/** Those that must not notice what else is in the list: each point of the contract in use. */
function goodOnes(log: string[]): AnyExtension[] {
  class Role {
    readonly kind = 'role'
  }
  return [
    thing,
    fakeCluster,
    defineExtension({
      name: 'roles',
      roles: { talaria: Role },
      clusterMethods: { analyzer: Thing },
      requires: { extensions: ['thing'] },
    }),
    defineExtension({
      name: 'hooks',
      setup(context) {
        context.use((request, next) => {
          log.push(`middleware ${request.method}`)
          return next(request)
        })
        context.queries({ sqlRequest: (request) => ({ ...request, query: '/* seen */' }) })
        context.codec('COMPLEX<good>', { decode: (value) => `good ${value}` })
        context.formatter('upper', upper)
        context.onClose(() => log.push('closed'))
      },
    }),
  ]
}

interface Good {
  thingClient(): object
  cluster(): FakeCluster & {
    talariaClient(): { readonly kind: string }
    talariaClients(): Promise<object[]>
    analyzer(): object
  }
  format(statement: string, name: string): Promise<string>
  with(defaults: object): Good
}

/** What the good ones do on a connection, as text. */
async function behaviour(list: readonly AnyExtension[], log: string[]): Promise<string> {
  log.length = 0
  const druid = open(list, { transport: canned({ body: REPLY }) })
  const good = druid as unknown as Good
  const cluster = good.cluster()
  cluster.servers.set('talaria', [fakeService('http://a'), fakeService('http://b')])
  const seen = [
    good.thingClient() === druid.extension('thing'),
    good.thingClient().constructor === Thing,
    cluster.talariaClient().kind,
    (await cluster.talariaClients()).length,
    cluster.analyzer().constructor === Thing,
    await druid.query('SELECT 1'),
    await good.format('SELECT 1', 'upper'),
    druid
      .extensions()
      .filter(({ status, name }) => status === 'active' && !name.startsWith('bad'))
      .map(({ ms: _, ...report }) => report),
    good.with({}).thingClient() === good.thingClient(),
  ]
  await druid.close().catch(() => {})
  return JSON.stringify([seen, log.filter((line) => !line.startsWith('bad'))])
}

/** Those that fail, each in its own way; some of them are called like good ones. */
const BAD: readonly [string, () => unknown][] = [
  ['is null', () => null],
  ['is the module itself', () => ({ registerClient() {} })],
  ['throws', () => plain('bad', throwing)],
  ['throws, called like a good one', () => plain('thing', throwing)],
  ['throws, called like the cluster', () => plain('cluster', throwing)],
  ['is asynchronous', () => plain('hooks', async () => {})],
  ['is for another API', () => plain('roles', () => {}, 99)],
  ['registers half and throws', () => plain('bad', half)],
  ['has a name that is none', () => plain('__proto__', () => {})],
  [
    'wants what is not there',
    () =>
      plain('thing', (context) => {
        context.client = class Wrong {}
        context.requires = { extensions: ['nowhere'] }
      }),
  ],
  [
    'wants itself',
    () =>
      plain('hooks', (context) => {
        context.requires = { extensions: ['hooks'] }
      }),
  ],
  [
    'provides a cluster that cannot be made',
    () =>
      plain('cluster', (context) => {
        context.cluster = class extends FakeCluster {
          constructor(...given: ConstructorParameters<typeof FakeCluster>) {
            super(...given)
            throw new Error('no cluster')
          }
        }
        context.roles = { talaria: Thing as never }
      }),
  ],
  [
    'provides a cluster that is none',
    () =>
      plain('cluster', (context) => {
        context.cluster = class {} as never
      }),
  ],
  [
    'has a codec that is none',
    () => plain('hooks', (context) => context.codec('COMPLEX<good>', {} as never)),
  ],
  [
    'puts a member of every object on the cluster',
    () =>
      plain('bad', (context) => {
        context.clusterMethods = { toString: Thing }
      }),
  ],
]
function throwing(): never {
  throw new Error('no')
}
function half(context: RegistrationContext): never {
  context.use(() => {
    throw new Error('must not be used')
  })
  context.queries({ sqlRequest: throwing })
  context.codec('COMPLEX<good>', { decode: throwing })
  context.formatter('upper', { mediaType: 'x', format: throwing })
  context.onClose(throwing)
  context.client = Thing
  context.clusterMethods = { analyzer: class Wrong {} }
  throw new Error('in the middle')
}

describe('a duplicate or failing extension never changes what the others do', () => {
  const log: string[] = []
  const good = goodOnes(log)

  it.each(BAD)('first in the list, one that %s', async (_, bad) => {
    const alone = await behaviour(good, log)
    const list = [bad() as AnyExtension, ...good]
    expect(await behaviour(list, log)).toBe(alone)
    const failed = open(list).extensions()
    expect(failed.filter(({ status }) => status === 'failed')).toHaveLength(1)
  })

  it('for 300 lists with up to 12 bad ones and doubles of good ones anywhere', async () => {
    const alone = await behaviour(good, log)
    const next = random(20_260_101)
    const upTo = (count: number): number => Math.floor(next() * count)
    for (let run = 0; run < 300; run += 1) {
      const list = [...good]
      const inserted: string[] = []
      for (let left = 1 + upTo(12); left > 0; left -= 1) {
        const place = upTo(list.length + 1)
        if (upTo(4) === 0) {
          const double = good[upTo(good.length)] as AnyExtension
          // After the first: the order among the good ones is theirs.
          list.splice(Math.max(place, list.indexOf(double) + 1), 0, double)
          continue
        }
        const [what, make] = BAD[upTo(BAD.length)] as (typeof BAD)[number]
        list.splice(place, 0, make() as AnyExtension)
        inserted.push(`${what} at ${place}`)
      }
      expect(await behaviour(list, log), inserted.join(', ')).toBe(alone)
    }
  })
})

describe('of one name', () => {
  const broken = plain('thing', throwing)

  it('the one that works is used, wherever the broken one is listed', () => {
    for (const list of [
      [broken, thing],
      [thing, broken],
    ]) {
      const druid = open(list)
      expect(druid.thingClient?.()).toBeInstanceOf(Thing)
      expect(
        druid
          .extensions()
          .map(({ status }) => status)
          .sort(),
      ).toEqual(['active', 'failed'])
    }
  })

  it('a discovered one never stands in for a listed one that failed', () => {
    const discovered = {
      root: '/app',
      extensions: [
        {
          extension: thing,
          package: { name: 't', version: '1', path: '/t' },
          allowed: true,
          ms: 0,
        },
      ],
      reports: [],
    }
    const druid = open([broken], { discovered })
    expect(druid.extensions().map(({ status }) => status)).toEqual(['shadowed', 'failed'])
    expect(() => druid.thingClient?.()).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('as it failed to register'),
        cause: expect.objectContaining({ message: expect.stringContaining('no') }),
      }),
    )
  })

  it('a second one that fails does not make those wait that require the first', () => {
    const claiming = (name: string, ...extensions: string[]) =>
      plain(name, (context) => {
        context.requires = { extensions }
        context.codec('COMPLEX<x>', { decode: String })
      })
    const again = defineExtension({ name: 'thing', client: class Again {} })
    const list = [thing, claiming('first', 'thing'), claiming('second'), again]
    const reports = open(list).extensions()
    expect(reports.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'thing active',
      'first active',
      'second failed',
      'thing failed',
    ])
  })

  it('one that requires itself says so', () => {
    const selfish = plain('selfish', (context) => {
      context.requires = { extensions: ['selfish'] }
    })
    expect(open([selfish]).extensions()[0]?.error?.message).toContain(
      'extensions require one another in a circle: selfish → selfish',
    )
  })

  it('a second cluster is not even made', () => {
    let made = 0
    class Second extends FakeCluster {
      constructor(...given: ConstructorParameters<typeof FakeCluster>) {
        super(...given)
        made += 1
      }
    }
    const second = defineExtension({ name: 'second', cluster: Second })
    const druid = open([fakeCluster, second])
    expect(druid.extensions()[1]).toMatchObject({ name: 'second', status: 'failed' })
    expect(made).toBe(0)
  })
})

it('methods on the cluster, too, say why their extension is not active', () => {
  class Role {}
  const needing = defineExtension({
    name: 'needing',
    client: Thing,
    roles: { talaria: Role },
    clusterMethods: { report: Thing },
    requires: { extensions: ['licence'] },
  })
  const druid = open([needing, fakeCluster])
  const cluster = druid.cluster?.() as unknown as Record<string, () => unknown>
  for (const method of ['talariaClient', 'talariaClients', 'report']) {
    expect(() => cluster[method]?.()).toThrow(
      expect.objectContaining({
        code: 'EXTENSION',
        extension: 'needing',
        message: 'extension "needing": is not active on this connection, as it failed to register',
        cause: expect.objectContaining({
          message: expect.stringContaining('requires extension "licence"'),
        }),
      }),
    )
  }
  expect(Object.keys(cluster)).toEqual(['client', 'context', 'servers'])
})

it('94 Isolation, versioning, dispose', async () => {
  const log: string[] = []
  const closing = (name: string) =>
    defineExtension({
      name: name as 'a',
      client: class {
        [Symbol.asyncDispose] = async () => void log.push(name)
      },
    })
  const future = plain('future', () => {}, 2)
  const one = open([closing('a'), closing('b'), future])
  const two = open([closing('a')])
  one.aClient?.()
  one.bClient?.()
  const kept = two.aClient?.()
  // Isolation: each connection has its own, and its own methods only.
  expect(kept).not.toBe(one.aClient?.())
  expect('bClient' in two).toBe(false)
  // Versioning: what is built for another API is left out, and says why.
  expect(one.extensions()[2]?.error?.message).toContain(
    'built for extension API 2, and this version of @druid/core offers 1',
  )
  // Dispose: the last made first, and nothing of the other connection.
  await one.close()
  expect(log).toEqual(['b', 'a'])
  expect(two.aClient?.()).toBe(kept)
})

describe('two connections with different extensions', () => {
  it('know nothing of each other, and one goes on when the other is closed', async () => {
    const log: string[] = []
    const optional = defineExtension({
      name: 'optional',
      setup(context: RegistrationContext<string>) {
        const said = context.options ?? ''
        context.use((request, next) => {
          log.push(said)
          return next(request)
        })
        context.codec('COMPLEX<good>', { decode: () => said })
        return context.define({
          client: class {
            readonly said = said
          },
        })
      },
    })
    const transport = canned({ body: REPLY })
    const one = connect('http://druid:8888', { extensions: [optional.with('one')], transport })
    const two = connect('http://druid:8888', {
      extensions: [optional.with('two'), thing],
      transport,
    })
    const bare = connect('http://druid:8888', { transport })
    expect(one.optionalClient().said).toBe('one')
    expect(two.optionalClient().said).toBe('two')
    expect('thingClient' in one).toBe(false)
    expect('optionalClient' in bare).toBe(false)
    expect(await one.query('SELECT 1')).toEqual([{ a: 'one' }])
    expect(await two.query('SELECT 1')).toEqual([{ a: 'two' }])
    expect(await bare.query('SELECT 1')).toEqual([{ a: 'Ag==' }])
    await one.close()
    expect(await two.query('SELECT 1')).toEqual([{ a: 'two' }])
    expect(two.optionalClient().said).toBe('two')
    expect(() => one.optionalClient()).toThrow(expect.objectContaining({ code: 'CLOSED' }))
    expect(log).toEqual(['one', 'two', 'two'])
  })
})

describe('a circle', () => {
  it('of a constructor that asks for itself, through client and cluster, is an error', () => {
    class Selfish {
      constructor(client: ExtensionHost) {
        client.extension('selfish')
      }
    }
    class Round {
      constructor(client: ExtensionHost) {
        const { cluster } = client as unknown as { cluster(): Record<string, () => unknown> }
        cluster().round?.()
      }
    }
    const round = defineExtension({
      name: 'round',
      client: Round,
      clusterMethods: {
        round: class {
          constructor(client: ExtensionHost) {
            client.extension('round')
          }
        },
      },
    })
    const selfish = defineExtension({ name: 'selfish', client: Selfish })
    const druid = open([selfish, round, fakeCluster, thing])
    expect(() => druid.selfishClient?.()).toThrow(
      extensionError(/circle: selfishClient\(\) → selfishClient\(\)/),
    )
    expect(() => druid.roundClient?.()).toThrow(
      extensionError(/circle: roundClient\(\) → cluster\(\)\.round\(\) → roundClient\(\)/),
    )
    expect(druid.thingClient?.()).toBeInstanceOf(Thing)
  })
})
