import { cluster } from '@druid/cluster'
import { connect } from '@druid/core'
import { imply, TalariaService } from '@druid/imply'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ImplyServer, startImply } from '../imply-server.ts'

const COLUMNS = ['server', 'host', 'plaintext_port', 'tls_port', 'server_type', 'tier', 'is_leader']
/** `sys.servers` of a cluster whose own services are elsewhere: it does not list Talaria. */
const SERVERS = [
  COLUMNS,
  ['STRING', 'STRING', 'LONG', 'LONG', 'STRING', 'STRING', 'LONG'],
  ['VARCHAR', 'VARCHAR', 'BIGINT', 'BIGINT', 'VARCHAR', 'VARCHAR', 'BIGINT'],
  ['127.0.0.1:8082', '127.0.0.1', 8082, -1, 'broker', null, null],
]
let broker: ImplyServer
let talaria: ImplyServer

beforeEach(async () => {
  broker = await startImply()
  talaria = await startImply()
  const body = `${SERVERS.map((row) => JSON.stringify(row)).join('\n')}\n\n`
  broker.answer('POST', '/druid/v2/sql', { status: 200, body })
})
afterEach(() => Promise.all([broker.close(), talaria.close()]))

describe('the role talaria of a cluster', () => {
  it('reaches a service that the application names', async () => {
    const services = [{ role: 'talaria', url: talaria.url }]
    const client = connect(broker.url, { extensions: [imply, cluster.with({ services })] })
    const tasks = [{ id: 't1', state: 'RUNNING' }]
    talaria.answer('GET', '/talaria/v1/tasks', { status: 200, body: tasks })
    talaria.answer('GET', '/talaria/v1/tasks', { status: 200, body: tasks })

    const service: TalariaService = client.cluster().talariaClient()
    expect(service).toBeInstanceOf(TalariaService)
    expect(await service.tasks()).toEqual(tasks)
    const all: TalariaService[] = await client.cluster().talariaClients()
    expect(all).toHaveLength(1)
    expect(await all[0]?.tasks()).toEqual(tasks)
    expect(broker.arrived.map(({ path }) => path)).toEqual(['/druid/v2/sql'])
  })

  it('is missing where nobody names it', async () => {
    const client = connect(broker.url, { extensions: [cluster, imply] })
    await expect(client.cluster().talariaClient().tasks()).rejects.toMatchObject({
      code: 'NO_SERVICE',
      role: 'talaria',
    })
  })

  it('waits without the cluster, and says so', () => {
    const client = connect(broker.url, { extensions: [imply] })
    expect(client.extensions()[0]).toMatchObject({ name: 'imply', status: 'active' })
    expect(client.extensions()[0]?.waiting).not.toEqual([])
  })
})
