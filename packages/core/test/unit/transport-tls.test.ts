import { createHash, X509Certificate } from 'node:crypto'
import { createServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import type { TlsOptions as ServerOptions, TLSSocket } from 'node:tls'
import { inspect } from 'node:util'
import { connect, type DruidError, isDruidError } from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import { beforeAll, describe, expect, it } from 'vitest'
import { certificates } from '../../../testing/src/fault/certificate.ts'
import { inNode } from './node.ts'
import { serve } from './server.ts'

type Made = Awaited<ReturnType<typeof certificates>>
type ConnectOptions = NonNullable<Parameters<typeof connect>[1]>

let trusted: Made
let other: Made
let expired: Made
beforeAll(async () => {
  ;[trusted, other, expired] = await Promise.all([
    certificates('trusted'),
    certificates('trusted'),
    certificates('expired'),
  ])
})

/** The client's certificate and key. */
const identity = ({ files: { cert, key } }: Made): { cert: string; key: string } => ({ cert, key })
const shown = ({ server }: Made): X509Certificate => new X509Certificate(server.cert as string)

interface SecureServer extends AsyncDisposable {
  readonly url: string
  /** Of each connection: who came, and whether it continued a session. */
  readonly came: { readonly who: string | undefined; readonly resumed: boolean }[]
  setSecureContext(options: ServerOptions): void
}

/** Answers `{}` to everything, or ends the connection at each request. */
async function secure(options: ServerOptions, { cut = false } = {}): Promise<SecureServer> {
  const came: { who: string | undefined; resumed: boolean }[] = []
  const server = createServer(options, ({ socket }, response) => {
    if (cut) setTimeout(() => socket.destroy(), 20)
    else response.end('{}')
  })
  server.on('secureConnection', (socket: TLSSocket) => {
    const { fingerprint256: who } = socket.getPeerCertificate()
    came.push({ who, resumed: socket.isSessionReused() })
    socket.on('error', () => {})
  })
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `https://127.0.0.1:${port}`,
    came,
    setSecureContext: (changed) => server.setSecureContext(changed),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function failure(url: string, options: ConnectOptions = {}): Promise<DruidError> {
  const druid = connect(url, options)
  try {
    const reply: unknown = await druid.request('GET', '/status')
    throw new Error(`it answered ${JSON.stringify(reply)}`)
  } catch (error) {
    if (!isDruidError(error)) throw error
    return error
  } finally {
    await druid.close()
  }
}

async function works(url: string, options: ConnectOptions = {}): Promise<void> {
  const druid = connect(url, options)
  expect(await druid.request('GET', '/status')).toEqual({})
  await druid.close()
}

const refused = (options: ConnectOptions, url = 'https://druid:8888'): DruidError<'CONFIG'> => {
  try {
    connect(url, options)
  } catch (error) {
    if (isDruidError(error, 'CONFIG')) return error
    throw error
  }
  throw new Error('it was accepted')
}

describe.each([
  ['node', () => ({})],
  ['fetch', () => ({ transport: fetchTransport() })],
] as const)('the certificate of a server, by %s', (name, options) => {
  it('is verified by default', async () => {
    await using server = await secure(trusted.server)
    const error = await failure(server.url, options())
    expect(error).toMatchObject({ code: 'TLS', reason: 'untrusted', retryable: false })
    expect(error.message).toContain(`GET ${server.url}/status`)
    expect(error.message).toContain('tls.ca')
  })

  it('is told from plain HTTP', async () => {
    await using server = await serve((_, response) => response.end('{}'))
    const error = await failure(server.url.replace('http:', 'https:'), options())
    expect(error).toMatchObject({ code: 'TLS', reason: 'protocol' })
    expect(error.message).toContain('plain HTTP')
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'and that the server wants one of the client, by %s, is said',
    async (maxVersion) => {
      const asking = { ...trusted.server, ca: trusted.files.ca, requestCert: true, maxVersion }
      await using server = await secure(asking)
      if (name === 'fetch') {
        // Which trusts only what its process was started with.
        const program = `
          import { connect } from '@druid/core'
          import { fetchTransport } from '@druid/core/fetch'
          process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
          await connect('${server.url}', { transport: fetchTransport() }).request('GET', '/status').catch(
            (error) => console.log(JSON.stringify({ ...error, code: error.code })))`
        const { code, reason } = (await inNode(program)) as { code: string; reason: string }
        // Whether a certificate was asked for it does not learn, and by TLS 1.3 it may see a reset first.
        const known = maxVersion === 'TLSv1.2' ? [] : ['CONNECT reset', 'TLS clientCertificate']
        expect([...known, 'TLS protocol']).toContain(`${code} ${reason}`)
        return
      }
      const error = await failure(server.url, { tls: { ca: trusted.files.ca } })
      expect(error).toMatchObject({ code: 'TLS', reason: 'clientCertificate' })
      expect(error.message).toContain('tls.cert and tls.key')
    },
  )
})

describe('a TLS error', () => {
  const ca = (): { tls: { ca: string } } => ({ tls: { ca: trusted.files.ca } })

  it('says which name was wanted', async () => {
    const named = await certificates('wrongName')
    await using server = await secure(named.server)
    const error = await failure(server.url, { tls: { ca: named.files.ca } })
    expect(error).toMatchObject({ code: 'TLS', reason: 'name' })
    expect(error.message).toContain('tls.servername')
    await works(server.url, { tls: { ca: named.files.ca, servername: 'druid.example' } })
  })

  it('says that the certificate has expired', async () => {
    await using server = await secure(expired.server)
    const error = await failure(server.url, { tls: { ca: expired.files.ca } })
    expect(error).toMatchObject({ code: 'TLS', reason: 'expired' })
  })

  it('says that the URL should be https:', async () => {
    // The alert of a server that is spoken to in plain text.
    const server = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end(Buffer.from('15030300020250', 'hex')))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const error = await failure(`http://127.0.0.1:${port}`)
    expect(error).toMatchObject({ code: 'TLS', reason: 'protocol' })
    expect(error.message).toContain('write https: in the URL')
    server.close()
  })

  it('says that another authority signed it', async () => {
    await using server = await secure(other.server)
    expect(await failure(server.url, ca())).toMatchObject({ code: 'TLS', reason: 'untrusted' })
    await works(server.url, { tls: { ca: [trusted.files.ca, Buffer.from(other.files.ca)] } })
    await works(server.url, { tls: { rejectUnauthorized: false } })
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    "says what is wrong with the client's certificate, by %s",
    async (maxVersion) => {
      const asking = { ...trusted.server, requestCert: true, maxVersion }
      await using server = await secure({ ...asking, ca: [trusted.files.ca, expired.files.ca] })
      await works(server.url, { tls: { ca: trusted.files.ca, ...identity(trusted) } })
      const { cert, key } = expired.server as { cert: string; key: string }
      const old = await failure(server.url, { tls: { ca: trusted.files.ca, cert, key } })
      expect(old).toMatchObject({ code: 'TLS', reason: 'clientCertificate' })
      expect(old.message).toContain(`expired, at ${new Date(shown(expired).validTo).toISOString()}`)
      const unknown = await failure(server.url, {
        tls: { ca: trusted.files.ca, ...identity(other) },
      })
      expect(unknown).toMatchObject({ code: 'TLS', reason: 'clientCertificate' })
      expect(unknown.message).toContain('refuses the client certificate')
    },
  )

  it('is none where a server took what it was shown, and ends later', async () => {
    const asking = { ...trusted.server, ca: trusted.files.ca, requestCert: true }
    await using server = await secure({ ...asking, rejectUnauthorized: false }, { cut: true })
    for (const tls of [ca().tls, { ...ca().tls, ...identity(trusted) }]) {
      expect(await failure(server.url, { tls })).toMatchObject({ code: 'CONNECT', reason: 'reset' })
    }
  })
})

describe('a pinned certificate', () => {
  const plainDigits = (made: Made): string => shown(made).fingerprint256.replaceAll(':', '')

  it('is trusted whoever signed it, and whatever its name and its dates', async () => {
    const self = await certificates('selfSigned')
    const named = await certificates('wrongName')
    for (const made of [self, named, expired]) {
      await using server = await secure(made.server)
      await works(server.url, { tls: { fingerprint256: shown(made).fingerprint256 } })
      await works(server.url, { tls: { fingerprint256: plainDigits(made).toLowerCase() } })
    }
    const der = shown(trusted).raw
    expect(createHash('sha256').update(der).digest('hex').toUpperCase()).toBe(plainDigits(trusted))
  })

  it('is the only one: no other of the same authority, none that is switched to', async () => {
    const same = { ...trusted.server, cert: trusted.files.cert, key: trusted.files.key }
    await using server = await secure(same)
    const { fingerprint256 } = shown(trusted)
    for (const tls of [
      { fingerprint256 },
      { fingerprint256, ca: trusted.files.ca },
      { fingerprint256, rejectUnauthorized: false },
    ]) {
      const error = await failure(server.url, { tls })
      expect(error).toMatchObject({ code: 'TLS', reason: 'fingerprint' })
      expect(error.message).toContain(new X509Certificate(trusted.files.cert).fingerprint256)
    }
    // Nothing of a request came to it.
    await using changing = await secure(trusted.server)
    const druid = connect(changing.url, { tls: { fingerprint256 }, pool: { idle: 0 } })
    await druid.request('GET', '/status')
    changing.setSecureContext(other.server)
    await expect(druid.request('GET', '/status')).rejects.toMatchObject({ reason: 'fingerprint' })
    expect(changing.came.every(({ resumed }) => !resumed)).toBe(true)
  })
})

describe('values that are asked for', () => {
  it('are used for the next socket, without a restart', async () => {
    const asking = { ...trusted.server, ca: [trusted.files.ca, other.files.ca], requestCert: true }
    await using server = await secure(asking)
    let now = trusted
    const asked = { ca: 0, cert: 0, key: 0 }
    const druid = connect(server.url, {
      pool: { idle: 0 },
      tls: {
        ca: async () => {
          asked.ca += 1
          return [trusted.files.ca, other.files.ca]
        },
        cert: async () => {
          asked.cert += 1
          return Buffer.from(now.files.cert)
        },
        key: () => {
          asked.key += 1
          return now.files.key
        },
      },
    })
    await druid.request('GET', '/status')
    await druid.request('GET', '/status')
    now = other
    server.setSecureContext({ ...asking, cert: other.server.cert, key: other.server.key })
    await druid.request('GET', '/status')
    await druid.close()
    const own = new X509Certificate(trusted.files.cert).fingerprint256
    const next = new X509Certificate(other.files.cert).fingerprint256
    expect(server.came).toEqual([
      { who: own, resumed: false },
      { who: own, resumed: true },
      { who: next, resumed: false },
    ])
    expect(asked).toEqual({ ca: 3, cert: 3, key: 3 })
  })

  it('open an encrypted key', async () => {
    const { createPrivateKey } = await import('node:crypto')
    const key = createPrivateKey(trusted.files.key).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'open sesame',
    })
    const asking = { ...trusted.server, ca: trusted.files.ca, requestCert: true }
    await using server = await secure(asking)
    const { ca, cert } = trusted.files
    await works(server.url, { tls: { ca, cert, key, passphrase: () => 'open sesame' } })
    await works(server.url, { tls: { ca, cert, key, passphrase: 'open sesame' } })
    const wrong = refused({ tls: { ca, cert, key, passphrase: 'open barley' } })
    expect(wrong).toMatchObject({ option: 'tls.passphrase' })
    expect(inspect(wrong)).not.toContain('barley')
    expect(refused({ tls: { ca, cert, key } })).toMatchObject({ option: 'tls.passphrase' })
  })

  it('that never come end with the time to connect, the signal, and close', async () => {
    await using server = await secure(trusted.server)
    const tls = { ca: () => new Promise<string>(() => {}) }
    const hurried = { tls, timeout: { connect: 30 }, retry: false } as const
    expect(await failure(server.url, hurried)).toMatchObject({ code: 'TIMEOUT', phase: 'connect' })
    const druid = connect(server.url, { tls })
    const abort = new AbortController()
    const aborted = druid.request('GET', '/x', undefined, { signal: abort.signal })
    const closed = druid.request('GET', '/x')
    const all = Promise.allSettled([aborted, closed])
    abort.abort()
    await druid.close()
    expect((await all).map((it) => it.status === 'rejected' && it.reason.code)).toEqual([
      'CANCELLED',
      'CLOSED',
    ])
    expect(server.came).toEqual([])
  })

  it('that are wrong, or fail, are named', async () => {
    await using server = await secure(trusted.server)
    const { cert } = trusted.files
    const cases: [ConnectOptions['tls'], string, RegExp][] = [
      [{ ca: () => '/etc/ca.pem' }, 'tls.ca', /must be PEM/],
      [{ ca: () => Promise.reject(new Error('ENOENT')) }, 'tls.ca', /its provider failed: ENOENT/],
      [{ cert, key: () => other.files.key }, 'tls.key', /not the key of tls.cert/],
      [{ fingerprint256: () => 'abc' }, 'tls.fingerprint256', /64 hexadecimal digits/],
      [{ servername: () => '' }, 'tls.servername', /host name/],
      [{ passphrase: () => undefined as never, cert, key: 'x' }, 'tls.key', /must be PEM/],
    ]
    for (const [tls, option, message] of cases.slice(0, 5)) {
      const error = await failure(server.url, { tls })
      expect(error).toMatchObject({ code: 'CONFIG', option })
      expect(error.message).toMatch(message)
    }
    expect(refused({ tls: cases[5]?.[0] })).toMatchObject({ option: 'tls.key' })
  })
})

describe('connect', () => {
  it('refuses TLS options that cannot be, and shows nothing of them', () => {
    const { ca, cert, key } = trusted.files
    const broken = key.replace(/\n.{8}/, '\nAAAAAAAA')
    const cases: [unknown, string][] = [
      [{ ca: '/etc/ca.pem' }, 'tls.ca'],
      [{ ca: [] }, 'tls.ca'],
      [{ ca: [ca, 7] }, 'tls.ca'],
      [{ ca: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' }, 'tls.ca'],
      [{ cert }, 'tls.key'],
      [{ key }, 'tls.cert'],
      [{ passphrase: 'open sesame' }, 'tls.key'],
      [{ cert, key: './client.key' }, 'tls.key'],
      [{ cert, key: broken }, 'tls.key'],
      [{ cert, key: other.files.key }, 'tls.key'],
      [{ cert: key, key: cert }, 'tls.cert'],
      [{ cert, key, passphrase: 12345 }, 'tls.passphrase'],
      [{ servername: '127.0.0.1' }, 'tls.servername'],
      [{ fingerprint256: 'sha1' }, 'tls.fingerprint256'],
      [{ rejectUnauthorized: 'no' }, 'tls.rejectUnauthorized'],
      [{ certificate: cert }, 'certificate'],
    ]
    const secrets = [key, broken, other.files.key].flatMap((pem) => pem.split('\n').slice(1, -2))
    for (const [tls, option] of cases) {
      const error = refused({ tls } as ConnectOptions)
      expect(error).toMatchObject({ code: 'CONFIG', option })
      const everything = `${error.message} ${error.stack} ${JSON.stringify(error)} ${inspect(error, { depth: 9 })}`
      for (const secret of [...secrets, 'sesame', '12345']) {
        expect(everything).not.toContain(secret)
      }
    }
  })

  it('refuses what belongs to another transport, or to another protocol', () => {
    const { ca } = trusted.files
    expect(refused({ tls: { ca } }, 'http://druid:8888')).toMatchObject({ option: 'tls' })
    for (const [option, options] of [
      ['tls', { tls: { ca } }],
      ['proxy', { proxy: 'http://proxy:3128' }],
      ['pool', { pool: { idle: 1_000 } }],
      ['timeout.connect', { timeout: { connect: 1_000 } }],
    ] as const) {
      const error = refused({ ...options, transport: fetchTransport() })
      expect(error).toMatchObject({ code: 'CONFIG', option })
      expect(error.message).toContain('leave "transport" out')
    }
  })

  it('refuses the same where the platform has fetch only', async () => {
    const program = `
      import { registerHooks } from 'node:module'
      registerHooks({
        resolve: (name, context, next) =>
          next(name, name === '#transport' ? { ...context, conditions: ['default'] } : context),
      })
      const { connect } = await import('@druid/core')
      const told = []
      for (const options of [{ tls: {} }, { proxy: 'http://p' }, { pool: {} }, { timeout: { connect: 1 } }, {}]) {
        try { connect('https://druid', options); told.push('accepted') }
        catch (error) { told.push(error.code + ' ' + error.option) }
      }
      console.log(JSON.stringify(told))`
    expect(await inNode(program)).toEqual([
      'CONFIG tls',
      'CONFIG proxy',
      'CONFIG pool',
      'CONFIG timeout.connect',
      'accepted',
    ])
  })

  it('shows nothing of keys in a client', async () => {
    await using server = await secure(trusted.server)
    const druid = connect(server.url, { tls: { ca: trusted.files.ca, ...identity(trusted) } })
    await druid.request('GET', '/status')
    const secret = trusted.files.key.split('\n')[1] as string
    expect(inspect(druid, { depth: 20, showHidden: true })).not.toContain(secret)
    await druid.close()
  })
})

it('continues a TLS session on the next socket', async () => {
  await using server = await secure(trusted.server)
  const druid = connect(server.url, { tls: { ca: trusted.files.ca }, pool: { idle: 0 } })
  await druid.request('GET', '/status')
  await druid.request('GET', '/status')
  await druid.close()
  expect(server.came.map(({ resumed }) => resumed)).toEqual([false, true])
})
