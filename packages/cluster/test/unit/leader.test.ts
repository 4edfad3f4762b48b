import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { cluster } from '@druid/cluster'
import { connect } from '@druid/core'
import { fakeDruid, type ServerInput } from '@druid/testing'
import { afterEach, describe, expect, it } from 'vitest'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function serve(reply: (path: string) => [status: number, body: string]): Promise<URL> {
  const server = createServer((request, response) => {
    request.resume()
    const [status, body] = reply(request.url ?? '')
    response.writeHead(status).end(body)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

/** A reply to the query on `sys.servers`, as druid-api.md §14 has its columns. */
function serverRows(coordinators: readonly { url: URL; leader: boolean }[]): string {
  const names = ['server', 'host', 'plaintext_port', 'tls_port', 'server_type', 'tier', 'is_leader']
  const rows = coordinators.map(({ url, leader }) =>
    JSON.stringify([
      url.host,
      url.hostname,
      Number(url.port),
      -1,
      'coordinator',
      null,
      leader ? 1 : 0,
    ]),
  )
  const types = JSON.stringify(names.map(() => null))
  return [JSON.stringify(names), types, types, ...rows, '', ''].join('\n')
}

describe('a leader that moves', () => {
  it('is found on the next request, when the old one is gone or sends us on', async () => {
    const asked: string[] = []
    let leader = 'first'
    const coordinator = (name: string): Promise<URL> =>
      serve((path) => {
        asked.push(`${name} ${path}`)
        return leader === name ? [200, '{"flights":100}'] : [307, '']
      })
    const first = await coordinator('first')
    const second = await coordinator('second')
    const gone = new URL('http://127.0.0.1:1')
    const listed = { current: [{ url: gone, leader: true }] }
    const router = await serve(() => [200, serverRows(listed.current)])
    await using druid = connect(router, { extensions: [cluster] })
    const client = druid.cluster().coordinatorClient()

    await druid.cluster().services()
    listed.current = [
      { url: first, leader: true },
      { url: second, leader: false },
    ]
    expect(await client.loadStatus()).toEqual({ flights: 100 })
    leader = 'second'
    listed.current = [
      { url: first, leader: false },
      { url: second, leader: true },
    ]
    expect(await client.loadStatus()).toEqual({ flights: 100 })
    const path = '/druid/coordinator/v1/loadstatus'
    expect(asked).toEqual([`first ${path}`, `first ${path}`, `second ${path}`])
  })
})

describe('82 Leader tracking across failover: a list that is older than the leader', () => {
  const LOAD_STATUS = '/druid/coordinator/v1/loadstatus'
  const coordinators = (leader: string): ServerInput[] => [
    { role: 'router' },
    ...['first', 'second', 'third'].map((host) => ({
      role: 'coordinator',
      host,
      leader: host === leader,
    })),
  ]
  /** As a Broker has it that did not hear of it yet. */
  const stale = (leader: string) => {
    const druid = fakeDruid({
      servers: coordinators('first'),
      sql: (query) => (query.sql.includes('sys.servers') ? listed : undefined),
      routes: { [`GET ${LOAD_STATUS}`]: { flights: 100 } },
    })
    const listed = ['first', 'second', 'third'].map((host) => ({
      server: `${host}:8081`,
      host,
      plaintext_port: 8081,
      tls_port: -1,
      server_type: 'coordinator',
      tier: null,
      is_leader: host === 'first' ? 1 : 0,
    }))
    druid.setServers(coordinators(leader))
    const { url, transport } = druid
    const client = connect(url, { transport, extensions: [cluster.with({ through: 'direct' })] })
    return { druid, coordinator: client.cluster().coordinatorClient() }
  }

  it('is passed over: the server that sends us on says to whom', async () => {
    const { druid, coordinator } = stale('third')
    expect(await coordinator.loadStatus()).toEqual({ flights: 100 })
    const asked = druid.requests.filter(({ path }) => path !== '/druid/v2/sql')
    expect(asked.map(({ server, path, status }) => `${server} ${path} ${status}`)).toEqual([
      `first:8081 ${LOAD_STATUS} 307`,
      'first:8081 /druid/coordinator/v1/leader 200',
      `third:8081 ${LOAD_STATUS} 200`,
    ])
  })

  it('is an error where nobody leads', async () => {
    const { coordinator } = stale('nobody')
    await expect(coordinator.loadStatus()).rejects.toMatchObject({ code: 'SERVER', status: 503 })
  })
})
