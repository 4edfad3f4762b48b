import { connect, type Transport } from '@druid/core'
import { type AnyExtension, defineExtension, type ServiceHost } from '@druid/core/extension'
import { describe, expect, it } from 'vitest'
import { FakeCluster, fakeCluster, fakeService } from './fake-cluster.ts'

const URL_OF_DRUID = 'http://druid:8888'
type Open = ReturnType<typeof connect> & Record<string, () => unknown>

/** An extension whose instance writes its end into a list. */
function closing(name: string, log: string[], dispose?: () => unknown): AnyExtension {
  return defineExtension({
    name: name as 'a',
    client: class {
      constructor() {
        log.push(`make ${name}`)
      }
      async [Symbol.asyncDispose](): Promise<void> {
        await new Promise((resolve) => setTimeout(resolve, 5))
        log.push(`close ${name}`)
        await dispose?.()
      }
      [Symbol.dispose](): void {
        log.push(`wrong: ${name}`)
      }
    },
  })
}

describe('close()', () => {
  it('disposes of what was made, the last first, each awaited', async () => {
    const log: string[] = []
    const names = ['a', 'b', 'c'] as const
    const extensions = names.map((name) => closing(name, log))
    const druid = connect(URL_OF_DRUID, { extensions }) as unknown as Open
    druid.cClient?.()
    druid.aClient?.()
    druid.cClient?.()
    await druid.close()
    expect(log).toEqual(['make c', 'make a', 'close a', 'close c'])
    await druid.close()
    expect(log).toHaveLength(4)
  })

  it('shares one end between concurrent callers', async () => {
    const log: string[] = []
    const druid = connect(URL_OF_DRUID, { extensions: [closing('a', log)] }) as unknown as Open
    druid.aClient?.()
    await Promise.all([druid.close(), druid.close(), druid[Symbol.asyncDispose]()])
    expect(log).toEqual(['make a', 'close a'])
  })

  it('takes Symbol.dispose where there is no other, and nothing from those without', async () => {
    const log: string[] = []
    const sync = defineExtension({
      name: 'sync',
      client: class {
        [Symbol.dispose](): void {
          log.push('sync')
        }
      },
    })
    const none = defineExtension({ name: 'none', client: class {} })
    {
      await using druid = connect(URL_OF_DRUID, { extensions: [sync, none] })
      druid.syncClient()
      druid.noneClient()
    }
    expect(log).toEqual(['sync'])
  })

  it('gathers the errors after everything ran', async () => {
    const log: string[] = []
    const fail = (why: string) => () => {
      throw new Error(why)
    }
    const druid = connect(URL_OF_DRUID, {
      extensions: [
        closing('a', log, fail('a is stuck')),
        closing('b', log),
        closing('c', log, fail('c is stuck')),
      ],
    }) as unknown as Open
    for (const name of ['a', 'b', 'c']) druid[`${name}Client`]?.()
    const error: unknown = await druid.close().catch((it: unknown) => it)
    expect(log.slice(3)).toEqual(['close c', 'close b', 'close a'])
    expect(error).toBeInstanceOf(AggregateError)
    expect((error as AggregateError).errors).toMatchObject([
      { code: 'EXTENSION', extension: 'c', message: expect.stringContaining('c is stuck') },
      { code: 'EXTENSION', extension: 'a', cause: { message: 'a is stuck' } },
    ])
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(druid.close()).rejects.toBe(error)
  })

  it('disposes once of an instance that two names give', async () => {
    const log: string[] = []
    const shared = {
      [Symbol.asyncDispose]: async () => void log.push('shared'),
    }
    class Shared {
      constructor() {
        // biome-ignore lint/correctness/noConstructorReturn: it is what an extension may do
        return shared
      }
    }
    const extension = defineExtension({
      name: 'shared',
      client: Shared,
      roles: { talaria: Shared },
      clusterMethods: { shared: Shared },
    })
    const druid = connect(URL_OF_DRUID, { extensions: [extension, fakeCluster] })
    druid.cluster().servers.set('talaria', [fakeService('http://a'), fakeService('http://b')])
    druid.sharedClient()
    druid.cluster().shared()
    druid.cluster().talariaClient()
    await druid.cluster().talariaClients()
    await druid.close()
    expect(log).toEqual(['shared'])
  })

  it('gathers the error of the transport, too', async () => {
    const transport: Transport = {
      name: 'stuck',
      request: () => Promise.reject(new Error('unused')),
      close: () => Promise.reject(new Error('the pool is stuck')),
    }
    const log: string[] = []
    const extension = closing('a', log, () => {
      throw new Error('a is stuck')
    })
    const druid = connect(URL_OF_DRUID, {
      extensions: [extension],
      transport,
    }) as unknown as Open
    druid.aClient?.()
    const error: unknown = await druid.close().catch((it: unknown) => it)
    expect((error as AggregateError).errors).toMatchObject([
      { code: 'EXTENSION', message: expect.stringContaining('a is stuck') },
      { code: 'CONFIG', message: 'closing the transport failed: the pool is stuck' },
    ])
  })

  it('makes nothing that was never asked for', async () => {
    const log: string[] = []
    const druid = connect(URL_OF_DRUID, { extensions: [closing('a', log), closing('b', log)] })
    await druid.close()
    expect(log).toEqual([])
  })

  it('by await using: instances in reverse, then clean-ups in reverse, all before the block is left', async () => {
    const log: string[] = []
    const cleaning = (name: string) =>
      defineExtension({
        name: name as 'a',
        setup(context) {
          context.onClose(async () => {
            await new Promise((resolve) => setTimeout(resolve, 5))
            log.push(`clean ${name}`)
          })
        },
      })
    {
      const extensions = [closing('a', log), cleaning('x'), closing('b', log), cleaning('y')]
      await using druid = connect(URL_OF_DRUID, { extensions }) as unknown as Open
      druid.aClient?.()
      druid.bClient?.()
    }
    expect(log.slice(2)).toEqual(['close b', 'close a', 'clean y', 'clean x'])
  })

  it('of a derived client, or of one that an extension was given, closes nothing', async () => {
    const log: string[] = []
    const druid = connect(URL_OF_DRUID, { extensions: [closing('a', log)] }) as unknown as Open
    druid.aClient?.()
    await druid.with({}).close()
    expect(log).toEqual(['make a'])
    expect(druid.aClient).not.toThrow()
    await druid.close()
    expect(log).toEqual(['make a', 'close a'])
  })

  it('disposes of role clients, cluster methods and the cluster', async () => {
    const log: string[] = []
    class Role {
      readonly service: ServiceHost
      constructor(service: ServiceHost) {
        this.service = service
      }
      [Symbol.dispose](): void {
        log.push(`role ${this.service.url?.host}`)
      }
    }
    const extension = defineExtension({
      name: 'parts',
      roles: { talaria: Role },
      clusterMethods: {
        part: class {
          [Symbol.dispose](): void {
            log.push('method')
          }
        },
      },
    })
    const cluster = defineExtension({
      name: 'cluster',
      cluster: class extends FakeCluster {
        [Symbol.dispose](): void {
          log.push('cluster')
        }
      },
    })
    const druid = connect(URL_OF_DRUID, { extensions: [extension, cluster] })
    druid.cluster().servers.set('talaria', [fakeService('http://a'), fakeService('http://b')])
    await druid.cluster().talariaClients()
    druid.cluster().part()
    druid.cluster().talariaClient()
    await druid.cluster().talariaClients()
    await druid.close()
    expect(log).toEqual(['role talaria-leader', 'method', 'role b', 'role a', 'cluster'])
  })
})

describe('after close()', () => {
  it('methods of extensions say that the connection is closed', async () => {
    const extension = defineExtension({
      name: 'parts',
      client: class {},
      roles: { talaria: class {} },
      clusterMethods: { part: class {} },
    })
    const druid = connect(URL_OF_DRUID, { extensions: [extension, fakeCluster] })
    const { partsClient } = druid
    partsClient()
    const cluster = druid.cluster()
    cluster.servers.set('talaria', [fakeService('http://a')])
    await druid.close()
    const closed = expect.objectContaining({ code: 'CLOSED' })
    expect(() => partsClient()).toThrow(closed)
    expect(() => druid.extension('parts')).toThrow(closed)
    expect(() => druid.with({}).partsClient()).toThrow(closed)
    expect(() => cluster.talariaClient()).toThrow(closed)
    expect(() => cluster.part()).toThrow(closed)
    expect(() => druid.cluster()).toThrow(closed)
    await expect(cluster.talariaClients()).rejects.toThrow(closed)
  })
})
