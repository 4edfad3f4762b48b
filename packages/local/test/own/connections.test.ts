import { lookup } from 'node:dns/promises'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { type RequestOptions, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import {
  type LocalDruid,
  type LocalKafka,
  type LocalTls,
  startDruid,
  startKafka,
} from '@druid/local'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { holderOf } from '../../src/lock.ts'

const home = process.env.DRUID_HOME || undefined
let kafka: LocalKafka
let druid: LocalDruid
let tls: LocalTls
let brokerUrl: string

beforeAll(async () => {
  kafka = await startKafka()
  // One cluster for all of it: no part hinders another.
  druid = await startDruid({
    home,
    extensions: ['druid-kafka-indexing-service'],
    hosts: 'internal',
    tls: { clientAuth: true },
    // So that one cluster shows both, and the Router has to show a certificate to the Broker.
    serviceProperties: { router: { 'druid.server.https.requireClientCertificate': false } },
  })
  tls = druid.tls as LocalTls
  brokerUrl = druid.services.find(({ name }) => name === 'broker')?.tlsUrl ?? ''
})
afterAll(async () => {
  await druid?.stop()
  await kafka?.stop()
})

const headers = { 'content-type': 'application/json' }

async function post(path: string, body: unknown): Promise<unknown> {
  const init = { method: 'POST', headers, body: JSON.stringify(body) }
  const response = await fetch(`${druid.routerUrl}${path}`, init)
  const reply = await response.text()
  if (!response.ok) throw new Error(`${response.status} ${reply}`)
  return JSON.parse(reply)
}

function sql(query: string): Promise<unknown> {
  return post('/druid/v2/sql', { query, resultFormat: 'array' })
}

/** The status of a reply, or the code of what went wrong. */
async function status(url: string, options: RequestOptions = {}): Promise<number | string> {
  return new Promise((resolve) => {
    const sent = request(`${url}/status/health`, { ...options, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    sent.end()
  })
}

async function files(certificate: { cert: string; key: string }): Promise<RequestOptions> {
  const [cert, key] = await Promise.all(
    [certificate.cert, certificate.key].map((it) => readFile(it, 'utf8')),
  )
  return { cert: cert as string, key: key as string, ca: await readFile(tls.ca, 'utf8') }
}

/** What a client sees when the server, late in a TLS 1.3 handshake, does not take its certificate. */
const REFUSED =
  /CERTIFICATE_REQUIRED|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|CERTIFICATE_EXPIRED|ECONNRESET/

describe('HTTPS', () => {
  it('is accepted with the authority, by name and by address, and refused without', async () => {
    const ca = await readFile(tls.ca, 'utf8')
    expect(await status(tls.routerUrl, { ca })).toBe(200)
    expect(await status(tls.routerUrl.replace('127.0.0.1', 'localhost'), { ca })).toBe(200)
    expect(await status(tls.routerUrl)).toMatch(/SELF_SIGNED|UNABLE_TO/)
    expect(await status(tls.routerUrl, { ca, servername: 'druid.example' })).toBe(
      'ERR_TLS_CERT_ALTNAME_INVALID',
    )
  })

  it('takes who shows a certificate of the authority, where it asks for one, and no other', async () => {
    expect(await status(brokerUrl, await files(tls))).toBe(200)
    expect(await status(brokerUrl, { ca: await readFile(tls.ca, 'utf8') })).toMatch(REFUSED)
    const old = await tls.issue({ name: 'old', from: new Date('2020-01-01'), days: 1 })
    expect(await status(brokerUrl, await files(old))).toMatch(REFUSED)
    const other = await tls.issue({ name: 'other' })
    expect(await status(brokerUrl, await files(other))).toBe(200)
  })

  it('is how the Router calls the Broker, and plain HTTP goes on beside it', async () => {
    const query = 'SELECT server_type, tls_port FROM sys.servers WHERE tls_port <> -1 ORDER BY 1'
    const options = { method: 'POST', headers, ...(await files(tls)) }
    const sent = request(`${tls.routerUrl}/druid/v2/sql`, options)
    sent.end(JSON.stringify({ query, resultFormat: 'array' }))
    const reply = await new Promise<string>((resolve, reject) => {
      sent.on('response', (response) => resolve(text(response))).on('error', reject)
    })
    expect(JSON.parse(reply)).toEqual([
      ['broker', druid.ports['broker-tls']],
      ['router', druid.ports['router-tls']],
    ])
    expect(await sql(query)).toEqual(JSON.parse(reply))
  })
})

describe('internal host names', () => {
  it('are what the cluster lists, and nobody else can resolve', async () => {
    const listed = await sql('SELECT DISTINCT server FROM sys.servers')
    const services = druid.services.filter(({ url }) => url !== undefined)
    const known = services.map(({ host, port }) => `${host}:${port}`)
    // With a port for HTTPS that is the one that is listed.
    const secure = services.map(
      ({ host, name }) => `${host}:${druid.ports[`${name as 'router'}-tls`]}`,
    )
    for (const [server] of listed as [string][]) expect([...known, ...secure]).toContain(server)
    expect(known[0]).toBe(`coordinator.druid.internal:${druid.ports.coordinator}`)
    await expect(lookup('coordinator.druid.internal')).rejects.toThrow('ENOTFOUND')
    const leader = await fetch(`${druid.routerUrl}/druid/coordinator/v1/leader`)
    expect(await leader.text()).toBe(`http://coordinator.druid.internal:${druid.ports.coordinator}`)
  })

  it('belong to services that the handle tells the real address of', async () => {
    for (const { url } of druid.services) {
      if (url !== undefined) expect((await fetch(`${url}/status/health`)).status).toBe(200)
    }
  })
})

describe('Kafka', () => {
  it('gives a supervisor what was produced, and SQL sees it', async () => {
    await kafka.createTopic('clicks', { partitions: 2 })
    await expect(kafka.createTopic('clicks')).rejects.toThrow('already exists')
    const rows = Array.from({ length: 1_000 }, (_, n) => ({
      t: 1_700_000_000_000 + n,
      n,
      page: 'ä b',
    }))
    await kafka.produce('clicks', rows.slice(0, 600), { key: ({ n }) => `key ${n}` })
    await kafka.produce(
      'clicks',
      rows.slice(600).map((row) => JSON.stringify(row)),
    )
    await post('/druid/indexer/v1/supervisor', {
      type: 'kafka',
      spec: {
        dataSchema: {
          dataSource: 'clicks',
          timestampSpec: { column: 't', format: 'millis' },
          dimensionsSpec: { dimensions: ['page', { type: 'long', name: 'n' }] },
          granularitySpec: { segmentGranularity: 'DAY', rollup: false },
        },
        ioConfig: {
          topic: 'clicks',
          inputFormat: { type: 'json' },
          consumerProperties: { 'bootstrap.servers': kafka.bootstrapServers },
          useEarliestOffset: true,
          taskDuration: 'PT1H',
          startDelay: 'PT1S',
        },
        tuningConfig: { type: 'kafka' },
      },
    })
    const seen = "SELECT COUNT(*), SUM(n), COUNT(*) FILTER (WHERE page = 'ä b') FROM clicks"
    await expect
      .poll(() => sql(seen).catch(() => undefined), { timeout: 90_000, interval: 500 })
      .toEqual([[1_000, 499_500, 1_000]])
    await post('/druid/indexer/v1/supervisor/clicks/terminate', {})
  })

  it('keeps its topics in a folder, and says what it does not take', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'kafka-test-'))
    const first = await startKafka({ dataDir })
    await first.produce('kept', [new Uint8Array([0, 255]), 'text'])
    await expect(startKafka({ dataDir })).rejects.toThrow(`in use by process ${process.pid}`)
    await Promise.all([first.stop(), first.stop()])
    expect(() => process.kill(first.pid, 0)).toThrow('ESRCH')

    await using again = await startKafka({ dataDir })
    await expect(again.createTopic('kept')).rejects.toThrow("Topic 'kept' already exists")
    await expect(again.createTopic('a b')).rejects.toThrow(/create a b 1.*InvalidTopicException/s)
    await again.stop()
    const nonsense = startKafka({ dataDir, properties: { 'log.retention.hours': 'nonsense' } })
    await expect(nonsense).rejects.toThrow(/^kafka ended with 1 while starting.*retention\.hours/s)
    const abort = new AbortController()
    const given = startKafka({ dataDir, signal: abort.signal })
    setTimeout(() => abort.abort(new Error('enough')), 700)
    await expect(given).rejects.toThrow('enough')
    expect(await holderOf(join(dataDir, 'lock'))).toBeUndefined()
    await rm(dataDir, { recursive: true })
  })
})
