import { readFile } from 'node:fs/promises'
import { type RequestOptions, request } from 'node:https'
import { text } from 'node:stream/consumers'
import { type LocalDruid, type LocalTls, startDruid } from '@druid/local'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const home = process.env.DRUID_HOME || undefined
let druid: LocalDruid
let tls: LocalTls
let brokerUrl: string

beforeAll(async () => {
  druid = await startDruid({
    home,
    tls: { clientAuth: true },
    // So that one cluster shows both.
    serviceProperties: { broker: { 'druid.server.https.requireClientCertificate': false } },
  })
  tls = druid.tls as LocalTls
  brokerUrl = druid.services.find(({ name }) => name === 'broker')?.tlsUrl ?? ''
})
afterAll(() => druid?.stop())

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

describe('HTTPS', () => {
  it('is accepted with the authority, by name and by address, and refused without', async () => {
    const ca = await readFile(tls.ca, 'utf8')
    expect(await status(brokerUrl, { ca })).toBe(200)
    expect(await status(brokerUrl.replace('127.0.0.1', 'localhost'), { ca })).toBe(200)
    expect(await status(brokerUrl)).toMatch(/SELF_SIGNED|UNABLE_TO/)
    expect(await status(brokerUrl, { ca, servername: 'druid.example' })).toBe(
      'ERR_TLS_CERT_ALTNAME_INVALID',
    )
  })

  it('takes who shows a certificate of the authority, where it asks for one, and no other', async () => {
    expect(await status(tls.routerUrl, await files(tls))).toBe(200)
    expect(await status(tls.routerUrl, { ca: await readFile(tls.ca, 'utf8') })).toMatch(
      /ECONNRESET|CERTIFICATE/,
    )
    const old = await tls.issue({ name: 'old', from: new Date('2020-01-01'), days: 1 })
    expect(await status(tls.routerUrl, await files(old))).toMatch(/ECONNRESET|CERTIFICATE/)
    const other = await tls.issue({ name: 'other' })
    expect(await status(tls.routerUrl, await files(other))).toBe(200)
  })

  it('is how the Router calls the Broker, and plain HTTP goes on beside it', async () => {
    const query = JSON.stringify({
      query:
        "SELECT server_type, tls_port FROM sys.servers WHERE server_type IN ('broker', 'router')",
      resultFormat: 'array',
    })
    const headers = { 'content-type': 'application/json' }
    const sent = request(`${tls.routerUrl}/druid/v2/sql`, {
      method: 'POST',
      headers,
      ...(await files(tls)),
    })
    sent.end(query)
    const rows = await new Promise<string>((resolve, reject) => {
      sent.on('response', (response) => resolve(text(response))).on('error', reject)
    })
    const ports = JSON.parse(rows) as [string, number][]
    expect(Object.fromEntries(ports)).toEqual({
      broker: druid.ports['broker-tls'],
      router: druid.ports['router-tls'],
    })
    const plain = await fetch(`${druid.routerUrl}/druid/v2/sql`, {
      method: 'POST',
      headers,
      body: query,
    })
    expect(await plain.json()).toEqual(ports)
  })
})
