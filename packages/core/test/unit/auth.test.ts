import { connect } from '@druid/core'
import { type AuthRequest, defineExtension } from '@druid/core/extension'
import { fetchTransport } from '@druid/core/fetch'
import { describe, expect, it } from 'vitest'
import { arrayLines } from './reply.ts'
import { serve, type TestServer } from './server.ts'

const ONE = arrayLines([['n', 'LONG', 'BIGINT']], '[1]')

/** Lets only those in whose `authorization` is this, and challenges all others. */
const gate = (good: () => string, challenge = 'Bearer realm="druid"'): Promise<TestServer> =>
  serve((request, response) => {
    if (request.headers.authorization !== good()) {
      response.writeHead(401, { 'www-authenticate': challenge }).end('{"error":"Unauthorized"}')
    } else response.end(request.path.startsWith('/druid/v2/sql') ? ONE : '{"a":1}')
  })

const sent = (server: TestServer): (string | undefined)[] =>
  server.arrived.map(({ headers }) => headers.authorization)

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
])('4 Refreshable / async credentials, by the %s transport', (_, transport) => {
  it('is asked once by calls at the same time', async () => {
    let count = 0
    await using server = await gate(() => 'Bearer t1')
    const token = async (): Promise<string> => {
      count += 1
      await new Promise((resolve) => setTimeout(resolve, 30))
      return `t${count}`
    }
    await using druid = connect(server.url, { transport, auth: { token } })
    await Promise.all(Array.from({ length: 10 }, () => druid.query('SELECT 1')))
    expect(count).toBe(1)
  })

  it('is not asked again before the end of a token', async () => {
    const rejected: boolean[] = []
    await using server = await gate(() => `Bearer t${rejected.length}`)
    let life = 60_000
    await using druid = connect(server.url, {
      transport,
      auth: {
        token(request) {
          rejected.push(request.rejected)
          return { token: `t${rejected.length}`, expiresAt: new Date(Date.now() + life) }
        },
      },
    })
    for (let i = 0; i < 5; i += 1) await druid.query('SELECT 1')
    expect(rejected).toEqual([false])
    // Shortly before its end it is replaced, without a 401.
    life = 200
    await druid.request('GET', '/x')
    expect(server.arrived).toHaveLength(6)
  })

  it('is asked shortly before the end', async () => {
    let count = 0
    await using server = await gate(() => `Bearer t${count}`)
    const token = (): { token: string; expiresAt: number } => {
      count += 1
      return { token: `t${count}`, expiresAt: Date.now() + 300 }
    }
    await using druid = connect(server.url, { transport, auth: { token } })
    await druid.query('SELECT 1')
    await new Promise((resolve) => setTimeout(resolve, 280))
    await druid.query('SELECT 1')
    expect(sent(server)).toEqual(['Bearer t1', 'Bearer t2'])
  })

  it('is asked again on a 401, once, and the request is sent again, whatever it is', async () => {
    const asked: boolean[] = []
    await using server = await gate(() => 'Bearer new')
    await using druid = connect(server.url, {
      transport,
      auth: {
        token({ rejected }) {
          asked.push(rejected)
          return { token: rejected ? 'new' : 'old', expiresAt: Date.now() + 3_600_000 }
        },
      },
    })
    expect(await druid.request('POST', '/druid/indexer/v1/task', {})).toEqual({ a: 1 })
    expect(await druid.query('SELECT 1')).toEqual([{ n: 1 }])
    expect(asked).toEqual([false, true])
    expect(sent(server)).toEqual(['Bearer old', 'Bearer new', 'Bearer new'])
  })

  it('renews a token that many calls were refused with once', async () => {
    let renewed = 0
    await using server = await gate(() => 'Bearer new')
    await using druid = connect(server.url, {
      transport,
      auth: {
        async token({ rejected }) {
          if (rejected) renewed += 1
          await new Promise((resolve) => setTimeout(resolve, 5))
          return { token: rejected ? 'new' : 'old', expiresAt: Date.now() + 3_600_000 }
        },
      },
    })
    await Promise.all(Array.from({ length: 20 }, () => druid.query('SELECT 1')))
    expect(renewed).toBe(1)
  })

  it('a second 401 is UNAUTHENTICATED', async () => {
    await using server = await gate(() => 'Bearer none')
    await using druid = connect(server.url, { transport, auth: { token: () => 'bad' } })
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      status: 401,
    })
    expect(server.arrived).toHaveLength(2)
  })

  it('credentials that cannot change are not sent twice', async () => {
    await using server = await gate(() => 'Bearer none')
    await using druid = connect(server.url, { transport, auth: { user: 'a', password: 'b' } })
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(server.arrived).toHaveLength(1)
  })
})

describe('a token provider', () => {
  it.each([
    ['an empty token', ''],
    ['a value of type undefined', undefined],
    ['a value of type number', 7],
    ['a value of type object', { expiresAt: 1 }],
    ['an expiresAt that is neither', { token: 'a', expiresAt: 'tomorrow' }],
    ['an expiresAt that is neither', { token: 'a', expiresAt: new Date('no') }],
  ])('that gives %s is refused', async (why, given) => {
    await using server = await gate(() => 'Bearer none')
    await using druid = connect(server.url, { auth: { token: () => given as never } })
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({
      code: 'CONFIG',
      option: 'auth',
      message: expect.stringContaining(`gave ${why}`),
    })
    expect(server.arrived).toEqual([])
  })

  it('that failed is asked again', async () => {
    let count = 0
    await using server = await gate(() => 'Bearer t2')
    const token = (): string => {
      count += 1
      if (count === 1) throw new Error('the issuer is down')
      return `t${count}`
    }
    await using druid = connect(server.url, { auth: { token } })
    await expect(druid.query('SELECT 1')).rejects.toThrow('the token provider failed: the issuer')
    expect(await druid.query('SELECT 1')).toEqual([{ n: 1 }])
  })
})

describe('5 Kerberos / SPNEGO, and all else: a request function', () => {
  it('gives the headers of each request', async () => {
    await using server = await gate(() => 'Custom GET /x')
    await using druid = connect(server.url, {
      auth: ({ method, url }) => ({ authorization: `Custom ${method} ${url.pathname}` }),
    })
    expect(await druid.request('GET', '/x')).toEqual({ a: 1 })
    await expect(druid.request('GET', '/y')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it('answers the challenge of a 401, as SPNEGO wants it', async () => {
    await using server = await gate(() => 'Negotiate a-ticket', 'Negotiate')
    const asked: (AuthRequest['rejected'] | undefined)[] = []
    await using druid = connect(server.url, {
      auth({ rejected }) {
        asked.push(rejected)
        return rejected?.challenge === 'Negotiate' ? { authorization: 'Negotiate a-ticket' } : {}
      },
    })
    expect(await druid.query('SELECT 1')).toEqual([{ n: 1 }])
    expect(asked).toEqual([undefined, { challenge: 'Negotiate' }])
  })

  it('sends a ticket at once where it remembers who asked, also beside other schemes', async () => {
    // Each is good once.
    let tickets = 0
    let good = 1
    await using server = await serve((request, response) => {
      if (request.headers.authorization === `Negotiate ticket-${good}`) {
        good += 1
        response.end(request.path.startsWith('/druid/v2/sql') ? ONE : '{"a":1}')
      } else {
        const headers: [string, string][] = [
          ['www-authenticate', 'Negotiate'],
          ['www-authenticate', 'Basic'],
        ]
        response.writeHead(401, headers.flat()).end()
      }
    })
    let isAsking = false
    await using druid = connect(server.url, {
      auth({ rejected }) {
        isAsking ||= /\bnegotiate\b/i.test(rejected?.challenge ?? '')
        if (!isAsking) return {}
        tickets += 1
        return { authorization: `Negotiate ticket-${tickets}` }
      },
    })
    expect(await druid.query('SELECT 1')).toEqual([{ n: 1 }])
    expect(await druid.request('POST', '/druid/indexer/v1/task', {})).toEqual({ a: 1 })
    expect(await druid.query('SELECT 1')).toEqual([{ n: 1 }])
    expect(sent(server)).toEqual([
      undefined,
      'Negotiate ticket-1',
      'Negotiate ticket-2',
      'Negotiate ticket-3',
    ])
  })

  it('that fails, or answers with no headers, is a CONFIG error', async () => {
    await using server = await gate(() => '')
    for (const auth of [
      () => {
        throw new Error('no ticket')
      },
      () => 'Basic x' as never,
      () => ({ authorization: 'two\nlines' }),
    ]) {
      await using druid = connect(server.url, { auth })
      await expect(druid.query('SELECT 1')).rejects.toMatchObject({ code: 'CONFIG' })
    }
    expect(server.arrived).toEqual([])
  })

  it('cannot turn the request to another server', async () => {
    await using server = await gate(() => 'x')
    await using druid = connect(server.url, {
      auth({ url }) {
        url.host = 'elsewhere:1'
        return { authorization: 'x' }
      },
    })
    expect(await druid.query('SELECT 1')).toEqual([{ n: 1 }])
  })
})

it('the provider of an extension renews on a 401, too', async () => {
  await using server = await gate(() => 'Bearer second')
  const sso = defineExtension({
    name: 'sso',
    setup(context) {
      context.auth('sso', () => ({ rejected }) => ({
        authorization: rejected ? 'Bearer second' : 'Bearer first',
      }))
      return context.define({})
    },
  })
  await using druid = connect(server.url, { auth: 'sso', extensions: [sso] })
  expect(await druid.query('SELECT 1')).toEqual([{ n: 1 }])
  expect(sent(server)).toEqual(['Bearer first', 'Bearer second'])
})
