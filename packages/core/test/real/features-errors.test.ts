/** Each test shows one feature whole, by the name it has where clients of Druid are compared. */
import { connect, DruidError, type DruidErrorCode, isDruidError, sql } from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { deadUrl } from '../unit/server.ts'

const url = inject('druidUrl')
const is27 = inject('druidVersion') === '27.0.0'

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
])('errors of a real Druid, transport %s', (_, transport) => {
  const druid = connect(url, { transport })
  afterAll(() => druid.close())

  const errorOf = async (call: Promise<unknown>): Promise<DruidError> => {
    const error: unknown = await call.catch((caught: unknown) => caught)
    if (isDruidError(error)) return error
    throw new Error('it is no DruidError', { cause: error })
  }
  /** Takes seconds. */
  const slow =
    'SELECT COUNT(DISTINCT a.distance * b.distance) FROM flights a, flights b WHERE a.destination = b.origin'
  const large = `SELECT a.origin, b.origin AS o FROM flights a, flights b WHERE a.destination = b.origin`

  describe('98 Error class hierarchy', () => {
    const refused = async () => connect(await deadUrl(), { transport }).query('SELECT 1')
    const causes: [DruidErrorCode, () => Promise<unknown>, details: object][] = [
      ['CONFIG', () => druid.query('SELECT 1', { wrong: 1 } as object), { option: 'wrong' }],
      ['CONNECT', refused, { reason: 'refused', retryable: true }],
      [
        'CONNECT',
        () => connect('http://druid.invalid', { transport }).version(),
        { reason: 'dns' },
      ],
      ['TIMEOUT', () => druid.query(slow, { signal: AbortSignal.timeout(50) }), { phase: 'total' }],
      ['CANCELLED', () => druid.query(slow, { signal: AbortSignal.abort() }), {}],
      ['INVALID_INPUT', () => druid.query('SELECT COUNT(*) FROM'), { status: 400 }],
      ['NOT_FOUND', () => druid.one("SELECT 1 FROM flights WHERE origin = 'x'"), {}],
      ['NOT_FOUND', () => druid.request('GET', '/druid/nowhere'), { status: 404 }],
      ['SERVER_TIMEOUT', () => druid.query(slow, { context: { timeout: 1 } }), { status: 504 }],
      ['UNSUPPORTED', () => druid.query(sql.set({ timeout: 1 }, 'SELECT 1')), {}],
      [
        'RESOURCE_LIMIT',
        () => druid.query(large, { context: { maxSubqueryRows: 1 } }),
        { status: 400 },
      ],
      ['INEXACT', () => druid.value('SELECT 9007199254740993'), { value: '9007199254740993' }],
      ['LIMIT', () => druid.one('SELECT origin FROM flights'), { limit: 1 }],
      ['LIMIT', () => druid.query('SELECT * FROM flights', { maxRows: 5 }), { limit: 5 }],
      ['DECODE', () => druid.request('GET', '/status/health', undefined, { expect: 'rows' }), {}],
    ]
    if (is27) {
      const other = (user: string, password: string) => {
        const { origin } = new URL(url)
        return connect(origin, { transport, auth: { user, password } })
      }
      causes.push(
        ['UNAUTHENTICATED', () => other('admin', 'wrong').query('SELECT 1'), { status: 401 }],
        [
          'FORBIDDEN',
          () => connect(inject('readerUrl'), { transport }).query('SELECT * FROM airports'),
          { status: 403 },
        ],
      )
    }

    it.each(causes)('%s', async (code, call, details) => {
      const error = await errorOf(call())
      expect(error).toBeInstanceOf(DruidError)
      expect(error).toBeInstanceOf(Error)
      expect(error.name).toBe('DruidError')
      expect(error).toMatchObject({ code, ...details })
      expect(isDruidError(error, code)).toBe(true)
      expect(isDruidError(error, code === 'SCHEMA' ? 'CONFIG' : 'SCHEMA')).toBe(false)
      expect(error.message.length).toBeGreaterThan(20)
      expect(error.retryable).toBe(code === 'CONNECT')
      const json = JSON.stringify(error)
      expect(JSON.parse(json)).toMatchObject({ name: 'DruidError', code })
      const { password } = new URL(url)
      if (password !== '') {
        for (const secret of [password, decodeURIComponent(password)]) {
          expect(json + error.stack).not.toContain(secret)
        }
      }
    })
  })

  describe('99 category / persona / code / position kept', () => {
    it.each<[string, object]>([
      [
        'SELECT origin,\n  nothing\nFROM flights',
        { code: 'INVALID_INPUT', errorCode: 'invalidInput', position: { line: 2, column: 3 } },
      ],
      [
        'SELECT COUNT(* FROM flights',
        { code: 'INVALID_INPUT', errorCode: 'invalidInput', position: { line: 1, column: 16 } },
      ],
      [
        'SELECT * FROM nowhere',
        { code: 'INVALID_INPUT', errorCode: 'invalidInput', position: { line: 1, column: 15 } },
      ],
      ['SELECT origin, COUNT(*) FROM flights', { position: { line: 1, column: 8 } }],
    ])('%s', async (statement, expected) => {
      const error = await errorOf(druid.query(statement))
      expect(error).toMatchObject({
        status: 400,
        category: 'INVALID_INPUT',
        persona: 'USER',
        queryId: expect.any(String),
        context: { sourceType: 'sql' },
        ...expected,
      })
      // And what Druid said, as it said it.
      const answer = await fetch(new URL('/druid/v2/sql', new URL(url).origin), {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...authorization() },
        body: JSON.stringify({ query: statement }),
      })
      const sent = (await answer.json()) as Record<string, string>
      expect(error.message).toContain(sent.errorMessage)
      expect(error).toMatchObject({ errorCode: sent.errorCode, context: sent.context })
    })

    it('of the older envelope, too', async () => {
      const error = await errorOf(druid.query(slow, { context: { timeout: 1 } }))
      expect(error).toMatchObject({
        code: 'SERVER_TIMEOUT',
        category: 'TIMEOUT',
        persona: 'OPERATOR',
        errorCode: 'legacyQueryException',
        errorClass: expect.stringContaining('Timeout'),
        context: { legacyErrorCode: 'Query timeout' },
      })
    })
  })

  it('100 HTML / empty / non-JSON bodies', async () => {
    const bodies: [method: string, path: string, body: unknown, code: string, says: string][] = [
      // A page of Jetty, as JSON or as HTML; no body at all; text, also where its type is JSON.
      ['GET', '/druid/nowhere', undefined, 'NOT_FOUND', 'Not Found'],
      ['GET', '/druid/coordinator/v1/nowhere', undefined, 'NOT_FOUND', 'no explanation'],
      ['GET', '/druid/v2/sql', undefined, 'SERVER', 'HTTP 405'],
      [
        'POST',
        '/druid/coordinator/v1/datasources/none/markUnused',
        {},
        'INVALID_INPUT',
        'Invalid request payload',
      ],
      ['GET', '/druid/coordinator/v1/lookups/config/x/y', undefined, 'NOT_FOUND', '[y] not found'],
    ]
    for (const [method, path, body, code, says] of bodies) {
      const error = await errorOf(druid.request(method, path, body))
      expect(error, path).toMatchObject({ code })
      expect(error.message, path).toContain(`${method} `)
      expect(error.message, path).toContain(says)
      expect(error.message, path).not.toMatch(/<[a-z]+>/)
    }
    const plain = { headers: { accept: 'text/plain' } }
    const log = await errorOf(
      druid.request('GET', '/druid/indexer/v1/task/none/log', undefined, plain),
    )
    expect(log).toMatchObject({ code: 'NOT_FOUND', status: 404 })
    expect(log.message).toContain('any task with id: [none]')
    const accept = { headers: { accept: 'text/html' } }
    const html = await errorOf(druid.request('GET', '/druid/nowhere', undefined, accept))
    expect(html).toMatchObject({ code: 'NOT_FOUND', status: 404 })
    expect(html.message).toContain('an HTML page: Error 404 Not Found')
    // And those that say success.
    const none = '/druid/coordinator/v1/datasources/none'
    expect(await druid.request('GET', none)).toBeUndefined()
    expect(await druid.request('GET', '/status/health', undefined, { expect: 'text' })).toBe('true')
    const page = await errorOf(druid.request('GET', '/unified-console.html'))
    expect(['DECODE', 'NOT_FOUND']).toContain(page.code)
    expect(await druid.cancel('no-such-query')).toBe('unknown')
  })

  function authorization(): { authorization?: string } {
    const { username, password } = new URL(url)
    if (username === '') return {}
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
  }
})
