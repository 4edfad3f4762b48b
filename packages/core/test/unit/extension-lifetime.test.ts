import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { connect } from '@druid/core'
import { defineExtension, type ServiceHost } from '@druid/core/extension'
import { describe, expect, it, vi } from 'vitest'
import { application, installed } from './application.ts'
import { fakeCluster, fakeService } from './fake-cluster.ts'
import { inNode } from './node.ts'
import { URL_OF_DRUID } from './plain-extension.ts'

describe('an instance', () => {
  it('is one, however many ask for it first at once', async () => {
    let made = 0
    class Counted {
      constructor() {
        made += 1
      }
    }
    const counted = defineExtension({ name: 'counted', client: Counted })
    const druid = connect(URL_OF_DRUID, { extensions: [counted] })
    const all = await Promise.all(
      Array.from({ length: 1_000 }, async (_, i) => {
        if (i % 2 === 0) await Promise.resolve()
        return (i % 3 === 0 ? druid.with({}) : druid).countedClient()
      }),
    )
    expect(new Set(all).size).toBe(1)
    expect(made).toBe(1)
  })

  it.each<[string, () => object]>([
    ['a promise', () => Promise.resolve(1)],
    ['a promise that rejects', () => Promise.reject(new Error('x')).catch(() => {})],
    ['a function', () => () => 1],
    [
      'a proxy',
      () => new Proxy({}, { get: (_, key) => (key === Symbol.dispose ? undefined : key) }),
    ],
  ])('is what its constructor returned, also %s', (_, make) => {
    class Returning {
      constructor() {
        // biome-ignore lint/correctness/noConstructorReturn: it is what an extension may do
        return make()
      }
    }
    const druid = connect(URL_OF_DRUID, {
      extensions: [defineExtension({ name: 'returning', client: Returning })],
    })
    expect(druid.returningClient()).toBe(druid.returningClient())
  })
})

it('hot reload: a module imported again gives its new classes to new connections only', async () => {
  const root = await application(['hot'], installed('hot', {}, 'export default {}'))
  const file = join(root, 'node_modules/hot/register.js')
  const code = (version: number): string => `
    class Hot { version = ${version} }
    export const registerClient = (context) => context.define({ client: Hot })
    export default { '~druid': { apiVersion: 1 }, name: 'hot', registerClient }`
  expect(
    await inNode(`
      import { writeFile } from 'node:fs/promises'
      import { connect } from '@druid/core'
      const load = async (version, code) => {
        await writeFile(${JSON.stringify(file)}, code)
        return (await import(${JSON.stringify(pathToFileURL(file).href)} + '?v=' + version)).default
      }
      const open = (extension) => connect('http://druid:8888', { extensions: [extension] })
      const before = open(await load(1, ${JSON.stringify(code(1))}))
      const first = before.hotClient()
      const after = open(await load(2, ${JSON.stringify(code(2))}))
      const seen = [first.version, after.hotClient().version, before.hotClient() === first]
      await before.close()
      seen.push(after.hotClient().version, after.extensions()[0].status)
      console.log(JSON.stringify(seen))
    `),
  ).toEqual([1, 2, true, 2, 'active'])
})

describe('role clients of servers that come and go', () => {
  class Role {
    readonly service: ServiceHost
    constructor(service: ServiceHost) {
      this.service = service
    }
  }
  const opened = (RoleClass: typeof Role) => {
    const roles = defineExtension({ name: 'roles', roles: { talaria: RoleClass } })
    const druid = connect(URL_OF_DRUID, { extensions: [roles, fakeCluster] })
    const cluster = druid.cluster()
    const alive = (...names: string[]): void => {
      const services = names.map((name) => {
        const service = known.get(name) ?? fakeService(`http://${name}`)
        known.set(name, service)
        return service
      })
      cluster.servers.set('talaria', services)
    }
    const known = new Map<string, ServiceHost>()
    return { druid, cluster, alive }
  }

  it('are one for each server, however many ask for them at once', async () => {
    const { cluster, alive } = opened(Role)
    alive('a', 'b')
    const all = await Promise.all(Array.from({ length: 1_000 }, () => cluster.talariaClients()))
    expect(new Set(all.flat()).size).toBe(2)
  })

  it('are disposed of when their server has left, and once only', async () => {
    const log: string[] = []
    class Closing extends Role {
      async [Symbol.asyncDispose](): Promise<void> {
        await new Promise((resolve) => setTimeout(resolve, 5))
        log.push(this.service.url?.host ?? '')
      }
    }
    const { druid, cluster, alive } = opened(Closing)
    alive('a', 'b', 'c')
    const [a, b] = await cluster.talariaClients()
    alive('b', 'c')
    expect((await cluster.talariaClients())[0]).toBe(b)
    await vi.waitFor(() => expect(log).toEqual(['a']))
    // It comes again: another one, as the old one is closed.
    alive('a', 'b')
    const [again] = await cluster.talariaClients()
    expect(again).not.toBe(a)
    await druid.close()
    expect(log.sort()).toEqual(['a', 'a', 'b', 'c'])
  })

  it('are waited for by close() while they end', async () => {
    const log: string[] = []
    class Slow extends Role {
      async [Symbol.asyncDispose](): Promise<void> {
        await new Promise((resolve) => setTimeout(resolve, 50))
        log.push('gone')
      }
    }
    const { druid, cluster, alive } = opened(Slow)
    alive('a')
    await cluster.talariaClients()
    alive()
    await cluster.talariaClients()
    await druid.close()
    expect(log).toEqual(['gone'])
  })

  it('are not disposed of by an older answer that knows less', async () => {
    const log: string[] = []
    class Closing extends Role {
      [Symbol.dispose](): void {
        log.push(this.service.url?.host ?? '')
      }
    }
    const { cluster, alive } = opened(Closing)
    const answers: (() => void)[] = []
    const { serviceHosts } = cluster
    cluster.serviceHosts = async (role) => {
      const now = await serviceHosts.call(cluster, role)
      await new Promise<void>((resolve) => answers.push(resolve))
      return now
    }
    alive('a')
    const older = cluster.talariaClients()
    await vi.waitFor(() => expect(answers).toHaveLength(1))
    alive('a', 'b')
    const newer = cluster.talariaClients()
    await vi.waitFor(() => expect(answers).toHaveLength(2))
    answers[1]?.()
    expect(await newer).toHaveLength(2)
    answers[0]?.()
    expect(await older).toHaveLength(1)
    expect(log).toEqual([])
  })

  it('that cannot be closed are warned of, and the others go on', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined)
    class Stuck extends Role {
      [Symbol.dispose](): void {
        throw new Error('will not go')
      }
    }
    const { cluster, alive } = opened(Stuck)
    alive('a', 'b')
    await cluster.talariaClients()
    alive('b')
    expect(await cluster.talariaClients()).toHaveLength(1)
    await vi.waitFor(() => expect(warn).toHaveBeenCalledOnce())
    expect(String(warn.mock.calls[0]?.[0])).toContain('closing it failed: will not go')
    warn.mockRestore()
  })
})

const COLLECTED = `
  import { connect } from '@druid/core'
  import { defineExtension } from '@druid/core/extension'
  class Kept { constructor(client) { this.client = client } [Symbol.dispose]() {} }
  const kept = defineExtension({
    name: 'kept',
    setup(context) {
      context.onClose(() => {})
      return context.define({ client: Kept, clusterMethods: { kept: Kept } })
    },
  })
  const collected = async (ref) => {
    // A look at it keeps it alive for the job: never look in one that collects.
    for (let i = 0; i < 5; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      globalThis.gc()
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
    return ref.deref() === undefined
  }
  // Functions of their own, so that no frame holds what they made.
  const open = () => connect('http://druid:8888', { extensions: [kept] })
  const instanceOf = (druid) => new WeakRef(druid.keptClient())
  const closed = async () => {
    const druid = open()
    const instance = instanceOf(druid)
    await druid.close()
    return { druid, instance }
  }
  // Whatever hooks, classes and options hold goes with the connection, too.
  const held = async () => {
    const big = { big: true }
    const holding = defineExtension({
      name: 'holding',
      setup(context) {
        context.use((request, next) => next(request, big))
        context.queries({ rows: (batches) => (big, undefined) })
        context.codec('COMPLEX<x>', { decode: () => big })
        context.formatter('big', { mediaType: 'x', format: () => [big] })
        context.mapUrl(() => void big)
        context.onClose(() => big)
        class Big { big = big }
        return context.define({ client: Big, roles: { big: Big }, clusterMethods: { large: Big } })
      },
    })
    class Cluster {
      big = big
      async refresh() {}
      serviceHost() { return { big } }
      async serviceHosts() { return [{ big }] }
    }
    const cluster = defineExtension({ name: 'cluster', cluster: Cluster })
    const druid = connect('http://druid:8888', { extensions: [holding, cluster] })
    druid.holdingClient()
    druid.cluster().bigClient()
    await druid.cluster().bigClients()
    druid.cluster().large()
    return { druid, big: new WeakRef(big) }
  }
  const kept_ = await held()
  await kept_.druid.close()
  const dropped = async () => new WeakRef((await closed()).druid)
  const derived = () => new WeakRef(open().with({ signal: new AbortController().signal }))
  const { druid, instance } = await closed()
  const gone = [
    await collected(instance),
    await collected(await dropped()),
    await collected(derived()),
    await collected(kept_.big),
  ]
  await druid.close()
  await kept_.druid.close()
  console.log(JSON.stringify(gone))
`

it('what extensions made and hold can be collected after close, and a client after it was dropped', async () => {
  expect(await inNode(COLLECTED, '--expose-gc')).toEqual([true, true, true, true])
})
