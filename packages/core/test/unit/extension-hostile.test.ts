import { connect } from '@druid/core'
import { discover } from '@druid/core/discover'
import {
  type AnyExtension,
  type ClusterContext,
  defineExtension,
  type ExtensionHost,
  type RegistrationContext,
} from '@druid/core/extension'
import { describe, expect, it, vi } from 'vitest'
import { application, EXPLODING, installed } from './application.ts'
import { FakeCluster, fakeCluster } from './fake-cluster.ts'
import { extensionError, open, plain, Thing, thing, URL_OF_DRUID } from './plain-extension.ts'

const throwing = (what: unknown): unknown =>
  new Proxy(
    {},
    {
      get() {
        throw what
      },
    },
  )
const bare = Object.assign(Object.create(null), { oops: true })

describe('an extension that', () => {
  it.each<[string, unknown]>([
    ['is null', null],
    ['is false', false],
    ['is a proxy whose members throw', throwing(new Error('gotcha'))],
    ['throws an object without a prototype when it is read', throwing(bare)],
    ['throws a symbol when it is read', throwing(Symbol('x'))],
    [
      'has a getter that throws as name',
      {
        get name() {
          throw new Error('no name')
        },
      },
    ],
    [
      'throws an object without a prototype while registering',
      plain('a', () => Promise.reject(bare)),
    ],
    [
      'throws what cannot be read',
      plain('a', () => {
        throw throwing(bare)
      }),
    ],
    ['answers with a then that throws', plain('a', () => throwing(new Error('then')))],
    ['has a name of 10 kB', plain('a'.repeat(10_000), () => {})],
    ['has a name that only looks right', plain('іmply', () => {})],
    ['is called __proto__', plain('__proto__', () => {})],
  ])('%s, is reported, and the others work', (_, extension) => {
    const druid = open([extension as AnyExtension, thing])
    const reports = druid.extensions()
    expect(reports.map(({ status }) => status)).toEqual(['active', 'failed'])
    expect(reports[1]?.error?.code).toBe('EXTENSION')
    expect(reports[1]?.error?.message.length).toBeLessThan(400)
    expect(druid.thingClient?.()).toBeInstanceOf(Thing)
  })

  it.each(['then', 'constructor', 'to-string', 'has-own-property', 'query', 'close', 'with'])(
    'is called %s only gets its own method',
    async (name) => {
      const weapon = plain(name, (context) => {
        context.client = Thing
      })
      const druid = open([weapon, thing])
      expect(druid.extensions().map(({ status }) => status)).toEqual(['active', 'active'])
      expect(await druid).toBe(druid)
      expect(String(druid)).toBe('[object Object]')
      expect(typeof druid.query).toBe('function')
    },
  )

  it('names roles and cluster methods like the members of every object, fails', () => {
    for (const key of ['__proto__', 'constructor', 'then', 'toString']) {
      const weapon = plain('weapon', (context) => {
        context.clusterMethods = Object.fromEntries([[key, Thing]])
      })
      const [report] = open([weapon, fakeCluster]).extensions().slice(-1)
      expect(report).toMatchObject({ name: 'weapon', status: 'failed' })
    }
    expect(Object.getPrototypeOf({})).toBe(Object.prototype)
  })

  it('freezes or closes the client it is given, harms only itself', async () => {
    class Freezing {
      readonly client: ExtensionHost & Partial<AsyncDisposable>
      constructor(client: ExtensionHost) {
        this.client = Object.freeze(client)
      }
    }
    const freezing = defineExtension({ name: 'freezing', client: Freezing })
    const druid = connect(URL_OF_DRUID, { extensions: [freezing, thing] })
    await druid.freezingClient().client[Symbol.asyncDispose]?.()
    expect(Object.isFrozen(druid)).toBe(false)
    expect(Object.isFrozen(druid.thingClient().client)).toBe(false)
    expect(druid.with({}).freezingClient()).toBe(druid.freezingClient())
    expect(druid.thingClient().client.extension('freezing')).toBe(druid.freezingClient())
  })

  it('provides a frozen cluster, fails whole, and roles wait', () => {
    class Frozen extends FakeCluster {
      constructor(client: ExtensionHost, context: ClusterContext) {
        super(Object.freeze(client), context)
        Object.freeze(this)
      }
    }
    const frozen = defineExtension({
      name: 'frozen',
      cluster: Frozen as typeof FakeCluster,
      clusterMethods: { own: Thing },
    })
    const user = defineExtension({ name: 'user', clusterMethods: { analyzer: Thing } })
    const reports = open([user, frozen]).extensions()
    expect(reports).toMatchObject([
      { name: 'user', status: 'active', waiting: ['analyzer'], methods: [] },
      { name: 'frozen', status: 'failed' },
    ])
  })

  it('freezes the cluster when it is used, takes nothing from the others', () => {
    class Freezer {
      constructor(client: ExtensionHost) {
        Object.freeze((client as unknown as Record<string, () => object>).cluster?.())
      }
    }
    const freezer = defineExtension({ name: 'freezer', clusterMethods: { freezer: Freezer } })
    const druid = open([freezer, fakeCluster])
    const cluster = druid.cluster?.() as Record<string, () => unknown>
    expect(cluster.freezer?.()).toBeInstanceOf(Freezer)
    expect(Object.isFrozen(cluster)).toBe(true)
  })

  it.each(['refresh', 'serviceHost', 'serviceHosts'])(
    'provides a cluster without %s, fails',
    (it) => {
      const broken = plain('broken', (context) => {
        context.cluster = class extends FakeCluster {
          constructor(client: ExtensionHost, clusterContext: ClusterContext) {
            super(client, clusterContext)
            Object.assign(this, { [it]: undefined })
          }
        }
      })
      expect(open([broken]).extensions()[0]?.error?.message).toContain(`no method ${it}()`)
    },
  )

  it('uses its client in the cluster constructor, finds the methods of all on it later', () => {
    let given: (ExtensionHost & Record<string, () => unknown>) | undefined
    let early = ''
    class Early extends FakeCluster {
      constructor(client: ExtensionHost, context: ClusterContext) {
        super(client, context)
        given = (client as ReturnType<typeof connect>).with({}) as unknown as typeof given
        try {
          client.extension('thing')
        } catch (error) {
          early = (error as Error).message
        }
      }
    }
    const druid = open([defineExtension({ name: 'early', cluster: Early }), thing])
    expect(early).toContain('connect() has not returned yet')
    expect(given?.thingClient?.()).toBe(druid.thingClient?.())
    expect(given?.cluster?.()).toBe(druid.cluster?.())
  })
})

describe('connect() refuses', () => {
  it.each<[string, object, RegExp]>([
    ['extensions that are no list', { extensions: { thing } }, /extensions must be a list/],
    ['a set that was not awaited', { discovered: discover() }, /await discover\(\)/],
    ['a policy that is none', { onExtensionError: 'ignore' }, /'warn', 'throw', 'silent'/],
  ])('%s', (_, options, why) => {
    expect(() => connect(URL_OF_DRUID, options)).toThrow(
      expect.objectContaining({ code: 'CONFIG', message: expect.stringMatching(why) }),
    )
  })

  it("onExtensionError 'throw': and disposes of what was made", async () => {
    let disposed = 0
    class Disposable extends FakeCluster {
      [Symbol.dispose](): void {
        disposed += 1
      }
    }
    const cluster = defineExtension({ name: 'cluster', cluster: Disposable })
    const broken = plain('broken', () => {
      throw new Error('no')
    })
    expect(() => open([cluster, broken], { onExtensionError: 'throw' })).toThrow(AggregateError)
    await vi.waitFor(() => expect(disposed).toBe(1))
  })

  it('extensionOptions of the name of a member of every object', () => {
    const seen: unknown[] = []
    const named = plain('constructor', (context: RegistrationContext) => {
      seen.push(context.options)
    })
    open([named], { extensionOptions: {} })
    expect(seen).toEqual([undefined])
  })
})

describe('a discovered extension that failed', () => {
  it('has a method that says why', async () => {
    const root = await application(['broken'], installed('broken', {}, EXPLODING))
    const druid = open([], { discovered: await discover({ from: root }) })
    expect(() => druid.brokenClient?.()).toThrow(
      expect.objectContaining({
        message: 'extension "broken": is not active on this connection, as it failed to register',
        cause: expect.objectContaining({
          message: expect.stringContaining('must not be imported'),
        }),
      }),
    )
    expect(() => druid.extension('broken')).toThrow(extensionError(/failed to register/))
  })

  it('has a method that says that it is denied', async () => {
    const root = await application(['broken'], installed('broken', {}, EXPLODING))
    const discovered = await discover({ from: root, deny: ['broken'] })
    expect(() => open([], { discovered }).brokenClient?.()).toThrow(
      extensionError(/not allowed by the application's manifest/),
    )
  })
})

describe('discover() never rejects', () => {
  it.each<[string, object, RegExp]>([
    [
      'an option that nobody knows',
      { form: '/' },
      /there is no option "form"; did you mean "from"/,
    ],
    ['nothing where options should be', null as unknown as object, /options must be an object/],
    ['a number where options should be', 17 as unknown as object, /options must be an object/],
    ['a loader that is none', { importModule: 17, from: '/nowhere' }, /no package.json/],
    ['a list that is none', { allow: 'ext' }, /"discover.allow" must be a list of package names/],
    ['from of another type', { from: 17 }, /cannot be used/],
  ])('for %s', async (_, options, why) => {
    const { extensions, reports } = await discover(options)
    expect(extensions).toEqual([])
    expect(reports).toMatchObject([{ status: 'failed', error: extensionError(why) }])
  })

  it('where the working directory is gone', async () => {
    const cwd = vi.spyOn(process, 'cwd').mockImplementation(() => {
      throw new Error('ENOENT: uv_cwd')
    })
    const { reports } = await discover()
    cwd.mockRestore()
    expect(reports[0]?.error?.message).toContain('uv_cwd')
  })
})

describe('discover({ allow, deny, package })', () => {
  const packages = { ...installed('@acme/druid-a'), ...installed('@acme/druid-b') }
  const names = ['@acme/druid-a', '@acme/druid-b']
  const statuses = async (options: object, extensions?: unknown): Promise<string[]> => {
    const manifest = extensions === undefined ? {} : { druid: { extensions } }
    const from = await application(names, packages, manifest)
    const set = await discover({ from, ...options })
    return [
      ...set.extensions.map(({ extension, allowed }) => `${extension.name} ${allowed}`),
      ...set.reports.map(({ name, status }) => `${name} ${status}`),
    ]
  }

  it('adds to what the manifest denies', async () => {
    const options = { deny: ['@acme/druid-a'] }
    expect(await statuses(options, { deny: ['@acme/druid-b'] })).toEqual(['a denied', 'b denied'])
  })

  it('loads only what both allow', async () => {
    const options = { allow: ['@acme/druid-a'] }
    expect(await statuses(options)).toEqual(['a true', 'b denied'])
    expect(await statuses(options, { allow: ['@acme/*'] })).toEqual(['a true', 'b denied'])
    expect(await statuses(options, { allow: ['@acme/druid-b'] })).toEqual(['a denied', 'b denied'])
  })

  it('chooses nothing by name with a bare *', async () => {
    expect(await statuses({ allow: ['*'] })).toEqual(['a false', 'b false'])
  })

  it('refuses the manifest of another application', async () => {
    expect(await statuses({ package: 'app' })).toEqual(['a false', 'b false'])
    const from = await application(names, packages)
    const { extensions, reports } = await discover({ from, package: 'my-app' })
    expect(extensions).toEqual([])
    expect(reports[0]?.error?.message).toContain('is that of "app", not of "my-app"')
  })

  it.each<[string, unknown, RegExp]>([
    [
      'druid.extensions of another type',
      ['@acme/druid-a'],
      /"druid.extensions" .* must be an object/,
    ],
    ['an unknown key', { alow: [] }, /has no "alow"/],
    ['a star in the middle', { deny: ['@*/druid-a'] }, /only a last \* stands for anything/],
    ['an empty pattern', { deny: [''] }, /is no pattern/],
  ])('lets nothing in for %s', async (_, extensions, why) => {
    const from = await application(names, packages, { druid: { extensions } })
    const set = await discover({ from })
    expect(set.extensions).toEqual([])
    expect(set.reports[0]?.error?.message).toMatch(why)
  })

  it('lets nothing in where "druid" is no object', async () => {
    const from = await application(names, packages, { druid: 'no extensions' })
    expect((await discover({ from })).extensions).toEqual([])
  })
})

it('close() goes on after 10 s of an extension that hangs', async () => {
  vi.useFakeTimers()
  class Hanging {
    [Symbol.asyncDispose](): Promise<void> {
      return new Promise(() => {})
    }
  }
  const hanging = defineExtension({ name: 'hanging', client: Hanging })
  const druid = connect(URL_OF_DRUID, { extensions: [hanging] })
  druid.hangingClient()
  const closed = druid.close().catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(await closed).toMatchObject({
    errors: [extensionError(/closing it failed: it took longer than 10 s/)],
  })
  vi.useRealTimers()
})

it('requires: extensions are registered first, and its own failure names the other', () => {
  const order: string[] = []
  const needing = (name: string, ...extensions: string[]): AnyExtension =>
    plain(name, (context) => {
      context.client = Thing
      context.requires = { extensions }
      context.onClose(() => order.push(name))
    })
  expect(statusesOf(open([needing('a', 'thing'), thing]))).toEqual({
    thing: 'active',
    a: 'active',
  })
  const absent = open([needing('a', 'nowhere')]).extensions()
  expect(absent[0]?.error?.message).toBe(
    'extension "a": it requires extension "nowhere", which is not registered on this connection',
  )
  const circle = open([needing('a', 'b'), needing('b', 'c'), needing('c', 'a'), thing])
  expect(statusesOf(circle)).toEqual({ a: 'failed', b: 'failed', c: 'failed', thing: 'active' })
  expect(circle.extensions().map(({ error }) => error?.message)).toContainEqual(
    expect.stringContaining('in a circle: a → b → c → a'),
  )
})

function statusesOf(druid: ReturnType<typeof open>): Record<string, string> {
  return Object.fromEntries(druid.extensions().map(({ name, status }) => [name, status]))
}
