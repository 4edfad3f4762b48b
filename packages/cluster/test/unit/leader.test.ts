import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { cluster } from '@druid/cluster'
import { connect } from '@druid/core'
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
