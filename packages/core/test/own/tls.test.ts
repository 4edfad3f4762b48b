import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { connect, type DruidError, isDruidError } from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import { type Certificate, type LocalDruid, type LocalTls, startDruid } from '@druid/local'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { certificates } from '../../../testing/src/fault/certificate.ts'

type Options = NonNullable<Parameters<typeof connect>[1]>

let druid: LocalDruid
let tls: LocalTls
let ca: string
/** A Router that lets in only who shows a certificate, and one that asks for none. */
let strict: string
let open: string
let own: { cert: string; key: string }
let old: { cert: string; key: string }

beforeAll(async () => {
  druid = await startDruid({
    home: process.env.DRUID_HOME || undefined,
    services: { router: 2, historical: 0, indexer: 0 },
    tls: { clientAuth: true },
    serviceProperties: { 'router-2': { 'druid.server.https.requireClientCertificate': false } },
  })
  tls = druid.tls as LocalTls
  ca = await readFile(tls.ca, 'utf8')
  strict = tls.routerUrl
  open = druid.services.find(({ name }) => name === 'router-2')?.tlsUrl ?? ''
  own = await identity(tls)
  old = await identity(await tls.issue({ name: 'old', from: new Date('2020-01-01'), days: 1 }))
})
afterAll(async () => {
  await druid?.stop()
})

async function identity(files: Certificate): Promise<{ cert: string; key: string }> {
  const [cert, key] = await Promise.all([files.cert, files.key].map((it) => readFile(it, 'utf8')))
  return { cert: cert as string, key: key as string }
}

async function failure(url: string, options: Options): Promise<DruidError> {
  await using client = connect(url, options)
  const error: unknown = await client.query('SELECT 1').then(
    () => undefined,
    (it: unknown) => it,
  )
  if (isDruidError(error)) return error
  throw new Error('no DruidError', { cause: error })
}

async function answers(url: string, options: Options): Promise<void> {
  await using client = connect(url, options)
  expect(await client.value('SELECT 1 + 1')).toBe(2)
  // On a socket of its own.
  const request = { query: 'SELECT 3 AS n', header: true, resultFormat: 'arrayLines' }
  const sent = { ...request, typesHeader: true, sqlTypesHeader: true }
  const rows = await client.request('POST', '/druid/v2/sql', sent, {
    expect: 'rows',
    idempotent: false,
  })
  expect(rows).toEqual([{ n: 3 }])
}

describe('a Router that serves TLS', () => {
  it('answers who trusts its authority, by address and by name', async () => {
    await answers(open, { tls: { ca } })
    await answers(open.replace('127.0.0.1', 'localhost'), { tls: { ca: async () => [ca] } })
    await answers(open, { tls: { ca, servername: 'router.druid.internal' } })
  })

  it('is not trusted otherwise, and the error says why', async () => {
    for (const options of [{}, { transport: fetchTransport() }]) {
      expect(await failure(open, options)).toMatchObject({ code: 'TLS', reason: 'untrusted' })
    }
    const another = (await certificates('trusted')).files.ca
    const unknown = await failure(open, { tls: { ca: another } })
    expect(unknown).toMatchObject({ code: 'TLS', reason: 'untrusted' })
    const name = await failure(open, { tls: { ca, servername: 'druid.example' } })
    expect(name).toMatchObject({ code: 'TLS', reason: 'name' })
    expect(name.message).toContain('druid.example')
  })

  it('is known by the fingerprint of its certificate alone', async () => {
    const pin = '00'.repeat(32)
    const error = await failure(open, { tls: { fingerprint256: pin } })
    expect(error).toMatchObject({ code: 'TLS', reason: 'fingerprint' })
    const [, shown = ''] = /SHA-256 ([0-9A-F:]+)/.exec(error.message) ?? []
    await answers(open, { tls: { fingerprint256: shown } })
    const authority = new X509Certificate(ca).fingerprint256
    const wrong = await failure(open, { tls: { fingerprint256: authority } })
    expect(wrong).toMatchObject({ code: 'TLS', reason: 'fingerprint' })
  })

  it('is told from one that serves plain HTTP', async () => {
    const error = await failure(druid.routerUrl.replace('http:', 'https:'), { tls: { ca } })
    expect(error).toMatchObject({ code: 'TLS', reason: 'protocol' })
    expect(error.message).toContain('plain HTTP')
  })

  it('is told where the URL is for plain HTTP', async () => {
    const error = await failure(open.replace('https:', 'http:'), { retry: false })
    expect(error).toMatchObject({ code: 'TLS', reason: 'protocol' })
    expect(error.message).toContain('write https: in the URL')
  })
})

describe('a Router that requires client certificates', () => {
  it('answers who shows one of its authority', async () => {
    await answers(strict, { tls: { ca, ...own } })
    await answers(strict, {
      tls: { ca: Buffer.from(ca), cert: () => own.cert, key: () => own.key },
    })
  })

  it('refuses who shows none, every time by the same error', async () => {
    for (let i = 0; i < 25; i++) {
      const error = await failure(strict, { tls: { ca } })
      expect(error).toMatchObject({ code: 'TLS', reason: 'clientCertificate' })
      expect(error.message).toContain('give it in tls.cert and tls.key')
    }
  })

  it('refuses one that has expired, and one of another authority, and the error says which', async () => {
    for (let i = 0; i < 10; i++) {
      const expired = await failure(strict, { tls: { ca, ...old } })
      expect(expired).toMatchObject({ code: 'TLS', reason: 'clientCertificate' })
      expect(expired.message).toContain('it has expired, at 2020-01-02')
    }
    const { cert, key } = (await certificates('trusted')).files
    for (let i = 0; i < 10; i++) {
      const unknown = await failure(strict, { tls: { ca, cert, key } })
      expect(unknown).toMatchObject({ code: 'TLS', reason: 'clientCertificate' })
      expect(unknown.message).toContain('does it trust the authority')
    }
  })

  it('is answered by a renewed certificate without another connect', async () => {
    let now = old
    await using client = connect(strict, {
      tls: { ca, cert: async () => now.cert, key: async () => now.key },
    })
    await expect(client.query('SELECT 1')).rejects.toMatchObject({ reason: 'clientCertificate' })
    now = own
    expect(await client.value('SELECT 1 + 1')).toBe(2)
  })
})
