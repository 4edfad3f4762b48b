import {
  type ClusterOptions,
  cluster,
  dockerHosts,
  firstOf,
  identity,
  portForwards,
  urlTemplate,
} from '@druid/cluster'
import { connect, type DruidClient } from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import { airportsTask } from '@druid/data'
import { type LocalDruid, type LocalService, startDruid } from '@druid/local'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/**
 * A cluster whose services have names that nobody but its JVMs can resolve, as in containers: a client
 * reaches none of them by the address that Druid has.
 */

let local: LocalDruid

beforeAll(async () => {
  local = await startDruid({ hosts: 'internal', services: { coordinator: 2 } })
})
afterAll(() => local?.stop())

type Druid = DruidClient<typeof cluster>
const opened = (options: ClusterOptions = {}, url = local.routerUrl): Druid =>
  connect(url, { extensions: [cluster.with(options)] })

function druidServices(): (LocalService & { readonly url: string })[] {
  return local.services.filter((it): it is LocalService & { url: string } => it.url !== undefined)
}

function urlOf(name: string): string {
  const url = druidServices().find((it) => it.name === name)?.url
  if (url === undefined) throw new Error(`no service ${name}`)
  return url
}

/** Host → where its port is published, as if each were a container. */
const published = (): Record<string, Record<number, number>> =>
  Object.fromEntries(
    druidServices().map(({ host, port, url }) => [host, { [port]: Number(new URL(url).port) }]),
  )

describe('83 Internal → external address mapping: with a mapper', () => {
  it('every role answers where it is, each server by a client of its own', async () => {
    await using druid = opened({ mapUrl: dockerHosts(published(), { host: '127.0.0.1' }) })
    const { cluster: open } = druid
    const services = await open().services()
    expect(services.every(({ server }) => server.includes('.druid.internal:'))).toBe(true)
    for (const ask of [
      () => open().coordinatorClient(),
      () => open().overlordClient(),
      () => open().brokerClient(),
      () => open().routerClient(),
      () => open().historicalClient(),
      () => open().indexerClient(),
    ]) {
      expect((await ask().status()).version).toBe(local.version)
    }
    const coordinators = await open().coordinatorClients()
    const leads = await Promise.all(coordinators.map((one) => one.isLeader()))
    expect(leads.sort()).toEqual([false, true])
    // Where Druid itself says that its leader is.
    expect(await open().coordinatorClient().leader()).toContain('.druid.internal')
  })

  it.each(['direct', 'router'] as const)(
    'a task is ingested and its rows are counted, %s',
    async (through) => {
      const mapUrl = dockerHosts(published(), { host: '127.0.0.1' })
      await using druid = opened({ mapUrl, through })
      const dataSource = `mapped_${through}`
      const { rows } = await druid.cluster().ingest(await airportsTask(dataSource))
      expect(await druid.value(`SELECT COUNT(*) FROM ${dataSource}`)).toBe(rows)
    },
  )

  it('all answer by a port-forward table, a template by role, or a function, whichever knows', async () => {
    const ports = Object.fromEntries(
      druidServices()
        .filter(({ kind }) => kind === 'coordinator')
        .map(({ host, url }) => [host, Number(new URL(url).port)]),
    )
    const mapUrl = firstOf(
      portForwards(ports, { host: '127.0.0.1' }),
      urlTemplate({ broker: urlOf('broker'), router: urlOf('router') }),
      ({ host }) => {
        const one = druidServices().find((it) => it.host === host)
        return one && new URL(one.url)
      },
    )
    await using druid = opened({ mapUrl })
    const explained = await druid.cluster().explainMapping()
    expect(explained.every(({ reachable, why }) => reachable && why === undefined)).toBe(true)
    const by = new Map(explained.map(({ role, mapper }) => [role, mapper]))
    expect(by.get('overlord')).toBe('portForwards')
    expect(by.get('broker')).toBe('urlTemplate')
    expect(by.get('historical')).toBe('mapUrl')
    expect(await druid.cluster().historicalClient().health()).toBe(true)
  })
})

describe('83 Internal → external address mapping: without a mapper', () => {
  it('Coordinator and Overlord are reached through the Router, also by what is never sent twice', async () => {
    await using druid = opened()
    const { cluster: open } = druid
    // The first request of the connection is one that must not be sent twice.
    const task = await airportsTask('unmapped')
    const handle = await open().submit(task)
    await handle.wait()
    expect((await open().tasks({ dataSource: 'unmapped' })).map(({ id }) => id)).toEqual([
      handle.id,
    ])
    expect((await open().coordinatorClient().status()).version).toBe(local.version)
    expect(await open().overlordClient().health()).toBe(true)
    expect(await open().coordinatorClient().dataSources()).toBeInstanceOf(Array)
    expect(await open().overlordClient().isLeader()).toBe(true)
    await expect(open().coordinatorClient().segmentsToLoad('no such')).resolves.toBeUndefined()
  })

  it('the same over fetch, which does not tell whether a request arrived', async () => {
    await using druid = connect(local.routerUrl, {
      transport: fetchTransport(),
      extensions: [cluster],
    })
    const { rows } = await druid.cluster().ingest(await airportsTask('fetched'))
    expect(await druid.value('SELECT COUNT(*) FROM fetched')).toBe(rows)
    await expect(druid.cluster().historicalClient().status()).rejects.toMatchObject({
      code: 'NO_SERVICE',
      role: 'historical',
    })
  })

  it('the same from the URL of a Broker, where a mapper knows the Router', async () => {
    const mapUrl = urlTemplate({ router: local.routerUrl })
    await using druid = opened({ mapUrl }, urlOf('broker'))
    expect((await druid.cluster().overlordClient().status()).version).toBe(local.version)
  })

  it('of other roles the error says which mapping is missing', async () => {
    await using druid = opened()
    const historical = druid.cluster().historicalClient()
    await expect(historical.status()).rejects.toMatchObject({
      code: 'NO_SERVICE',
      role: 'historical',
      message: expect.stringMatching(
        /historical\.druid\.internal:\d+ cannot be reached from here.*urlTemplate\(\{ historical: 'http:\/\/host:port' \}\)/,
      ),
      cause: expect.objectContaining({ code: 'CONNECT', reason: 'dns' }),
    })
    const [one] = await druid.cluster().historicalClients()
    await expect(one?.health()).rejects.toMatchObject({ code: 'NO_SERVICE', role: 'historical' })
  })

  it.each([
    ['told to go directly only', 'direct', undefined],
    ['of the URL of a Broker', 'auto', 'broker'],
  ] as const)('it says so of the Overlord, too, where it is %s', async (_, through, at) => {
    await using druid = opened({ through }, at && urlOf(at))
    await expect(druid.cluster().overlordClient().leader()).rejects.toMatchObject({
      code: 'NO_SERVICE',
      message: expect.stringMatching(
        /overlord coordinator.*\.druid\.internal:\d+ cannot be reached/,
      ),
    })
  })

  it('a mapper that knows none of them leaves all out, and the error names them', async () => {
    await using druid = opened({ mapUrl: () => undefined })
    expect((await druid.cluster().services()).map(({ url }) => url)).not.toContain(expect.any(URL))
    await expect(druid.cluster().brokerClient().health()).rejects.toThrow(
      /no mapper knows broker\.druid\.internal:\d+\. Say where it is/,
    )
    // What the Router passes on needs none.
    expect(await druid.cluster().coordinatorClient().health()).toBe(true)
  })

  it('explainMapping() says of each what was asked, why it is not reached, and which way calls take', async () => {
    await using druid = opened({
      mapUrl: firstOf(urlTemplate({ broker: urlOf('broker') }), identity),
    })
    const explained = await druid.cluster().explainMapping()
    const of = (role: string) => explained.filter((it) => it.role === role)
    expect(of('broker')).toMatchObject([
      { mapper: 'urlTemplate', reachable: true, through: 'direct', why: undefined },
    ])
    expect(of('historical')).toMatchObject([
      {
        server: expect.stringMatching(/^historical\.druid\.internal:\d+$/),
        mapper: 'identity',
        url: expect.objectContaining({ hostname: 'historical.druid.internal' }),
        reachable: false,
        through: undefined,
        why: expect.stringContaining('historical.druid.internal'),
      },
    ])
    const ways = of('coordinator').map(({ leader, reachable, through }) => [
      leader,
      reachable,
      through,
    ])
    expect(ways.sort()).toEqual([
      [false, false, undefined],
      [true, false, 'router'],
    ])
  })
})

describe('82 Leader tracking across failover: where only a mapper, or the Router, reaches the leaders', () => {
  it('the next leader is asked, by its own address and through the Router', async () => {
    const mapUrl = dockerHosts(published(), { host: '127.0.0.1' })
    await using mapped = opened({ mapUrl, through: 'direct' })
    await using routed = opened({ through: 'router' })
    const ways = [mapped, routed]
    const leaders = (): Promise<string[]> =>
      Promise.all(ways.map((druid) => druid.cluster().coordinatorClient().leader()))
    const [before] = await leaders()
    const host = new URL(before ?? '').hostname
    const first = druidServices().find((it) => it.host === host)?.name ?? ''
    await local.kill(first)
    const moved = async (): Promise<boolean> => {
      const [one, other] = await leaders().catch(() => [])
      return one !== undefined && one !== before && one === other
    }
    await expect.poll(moved, { timeout: 90_000, interval: 250 }).toBe(true)
    for (const druid of ways) {
      expect(await druid.cluster().coordinatorClient().loadStatus()).toBeTypeOf('object')
      expect(await druid.cluster().overlordClient().tasks()).toBeInstanceOf(Array)
    }
    await local.restart(first)
    // It does not lead, and sends on to an address that nobody here can resolve.
    const clients = await mapped.cluster().coordinatorClients()
    await expect
      .poll(async () => (await mapped.cluster().coordinatorClients()).length, { timeout: 60_000 })
      .toBe(2)
    expect(clients.length).toBeGreaterThan(0)
    await mapped.cluster().untilReady({ roles: { coordinator: 2, historical: 1 } })
    const leads = await Promise.all(
      (await mapped.cluster().coordinatorClients()).map((one) => one.isLeader()),
    )
    expect(leads.sort()).toEqual([false, true])
    const standby = (await mapped.cluster().coordinatorClients())[leads.indexOf(false)]
    expect(await standby?.health()).toBe(true)
  })
})
