import { inspect } from 'node:util'
import { connect, DruidError, isDruidError, isExtensionError } from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import { describe, expect, it } from 'vitest'
import { type CannedReply, canned } from './reply.ts'
import { deadUrl, serve } from './server.ts'

async function errorOf(reply: CannedReply): Promise<DruidError> {
  const druid = connect('http://druid:8888/base', { transport: canned(reply), retry: false })
  const error: unknown = await druid.query('SELECT 1').catch((caught: unknown) => caught)
  if (isDruidError(error)) return error
  throw new Error('no DruidError', { cause: error })
}

const json = (value: unknown): string => JSON.stringify(value)

/** `{error: "druidException", …}`, what SQL resources send. */
const druidException = (category: string, errorMessage: string | null, rest: object = {}): string =>
  json({
    error: 'druidException',
    errorCode: 'general',
    persona: 'USER',
    category,
    errorMessage,
    context: {},
    ...rest,
  })

/** An old failure in the new envelope, what query paths send. */
const wrapped = (legacyErrorCode: string, category: string, errorMessage: string): string =>
  json({
    error: legacyErrorCode,
    errorCode: 'legacyQueryException',
    persona: 'OPERATOR',
    category,
    errorMessage,
    errorClass: 'org.apache.druid.query.QueryException',
    host: 'broker:8082',
    context: {
      host: 'broker:8082',
      errorClass: 'org.apache.druid.query.QueryException',
      legacyErrorCode,
    },
  })

const legacy = (error: string, errorMessage: string | null): string =>
  json({ error, errorMessage, errorClass: 'org.apache.Some', host: 'broker:8082' })

const HTML =
  '<html><head><title>Error 401 Unauthorized</title></head><body><h2>HTTP ERROR 401</h2></body></html>'
const JETTY = json({ servlet: 'x', message: 'Service Unavailable', url: '/druid', status: '503' })

const NOT_SAID = ': the server does not say which permission is missing ('

/** status, body, code, what the message must hold. */
const REPLIES: [status: number, body: string, code: string, says: string][] = [
  [400, druidException('INVALID_INPUT', 'Object nothing not found'), 'INVALID_INPUT', 'Object not'],
  [401, druidException('UNAUTHORIZED', 'who are you'), 'UNAUTHENTICATED', 'who are you'],
  [403, druidException('FORBIDDEN', 'Unauthorized'), 'FORBIDDEN', 'Unauthorized'],
  [404, druidException('NOT_FOUND', 'no such query'), 'NOT_FOUND', 'no such query'],
  [409, druidException('CONFLICT', 'version is older'), 'CONFLICT', 'version is older'],
  [429, druidException('CAPACITY_EXCEEDED', 'too many'), 'CAPACITY', 'too many'],
  [500, druidException('RUNTIME_FAILURE', 'disk is full'), 'SERVER', 'disk is full'],
  [500, druidException('DEFENSIVE', 'never happens'), 'SERVER', 'never happens'],
  [500, druidException('UNCATEGORIZED', 'something'), 'SERVER', 'something'],
  [500, druidException('OF_TOMORROW', 'something new'), 'SERVER', 'something new'],
  [501, druidException('UNSUPPORTED', 'no window'), 'UNSUPPORTED', 'no window'],
  [503, druidException('SERVICE_UNAVAILABLE', 'starting'), 'SERVER', 'starting'],
  [504, druidException('TIMEOUT', 'took too long'), 'SERVER_TIMEOUT', 'took too long'],

  [400, wrapped('SQL parse failed', 'INVALID_INPUT', 'Encountered ","'), 'INVALID_INPUT', ','],
  [400, wrapped('Plan validation failed', 'INVALID_INPUT', 'no a'), 'INVALID_INPUT', 'no a'],
  [400, wrapped('SQL query is unsupported', 'INVALID_INPUT', 'no b'), 'UNSUPPORTED', 'no b'],
  [
    400,
    wrapped('Resource limit exceeded', 'RUNTIME_FAILURE', 'memory'),
    'RESOURCE_LIMIT',
    'memory',
  ],
  [401, wrapped('Unauthorized request', 'UNAUTHORIZED', 'no'), 'UNAUTHENTICATED', 'no'],
  [429, wrapped('Query capacity exceeded', 'CAPACITY_EXCEEDED', 'full'), 'CAPACITY', 'full'],
  [501, wrapped('Unsupported query', 'UNSUPPORTED', 'no c'), 'UNSUPPORTED', 'no c'],
  [504, wrapped('Query timeout', 'TIMEOUT', 'timed out'), 'SERVER_TIMEOUT', 'timed out'],
  [500, wrapped('Query cancelled', 'CANCELED', 'cancelled'), 'SERVER', 'cancelled'],
  [500, wrapped('Unknown exception', 'RUNTIME_FAILURE', 'npe'), 'SERVER', 'npe'],

  [400, legacy('SQL parse failed', 'Encountered'), 'INVALID_INPUT', 'Encountered'],
  [400, legacy('Json parse failed', 'no JSON'), 'INVALID_INPUT', 'no JSON'],
  [401, legacy('Unauthorized request', null), 'UNAUTHENTICATED', 'Unauthorized request'],
  [500, legacy('Query interrupted', null), 'SERVER', 'Query interrupted'],
  [504, legacy('Query timeout', 'Query did not complete'), 'SERVER_TIMEOUT', 'did not complete'],

  [400, json({ error: 'Cannot construct instance' }), 'INVALID_INPUT', 'Cannot construct instance'],
  [415, json({ error: 'Unsupported Content-Type: text/csv' }), 'SERVER', 'Content-Type: text/csv'],
  [500, json({ error: 'Internal', message: 'lock not found' }), 'SERVER', 'lock not found'],
  // As 27.0.0 answers: SQL, sys.servers, everything else, a task, and as text/plain a user's roles.
  [403, json({ 'Access-Check-Result': 'Unauthorized' }), 'FORBIDDEN', ': Unauthorized ('],
  [
    403,
    json({ 'Access-Check-Result': 'Insufficient permission to view servers: Unauthorized' }),
    'FORBIDDEN',
    'Insufficient permission to view servers: Unauthorized',
  ],
  [403, json({ 'Access-Check-Result': 'Allowed:false, Message:' }), 'FORBIDDEN', NOT_SAID],
  [403, json({ 'Access-Check-Result': 'Allowed:false, Message:no hope' }), 'FORBIDDEN', 'no hope'],
  [403, json({ 'Access-Check-Result': '' }), 'FORBIDDEN', NOT_SAID],
  [403, 'Access-Check-Result: Allowed:false, Message:', 'FORBIDDEN', NOT_SAID],
  [
    403,
    json({ taskId: 'forbidden', state: 'FAILED', error: { errorMessage: 'Unauthorized' } }),
    'FORBIDDEN',
    ': Unauthorized (',
  ],
  [503, JETTY, 'SERVER', 'Service Unavailable'],
  [404, 'No such dataSource', 'NOT_FOUND', 'No such dataSource'],
  [401, HTML, 'UNAUTHENTICATED', 'HTML page: Error 401 Unauthorized'],
  [429, HTML, 'CAPACITY', 'HTML page'],
  [502, '<html><body><h1>502 Bad Gateway</h1></body></html>', 'SERVER', '502 Bad Gateway'],
  [500, json(['a', 'list']), 'SERVER', '["a","list"]'],
  [500, 'null', 'SERVER', 'null'],
]

describe('a reply that is no success', () => {
  it.each(REPLIES)('%i %s is %s', async (status, body, code, says) => {
    const error = await errorOf({ status, body })
    expect(error).toMatchObject({ code, status, attempt: 1 })
    expect(error.queryId).toMatch(/^[0-9a-f-]{36}$/)
    expect(error.message).toContain(
      `POST http://druid:8888/base/druid/v2/sql failed with HTTP ${status}`,
    )
    for (const word of says.split(' ')) expect(error.message).toContain(word)
    expect(error).toBeInstanceOf(DruidError)
    expect(error.name).toBe('DruidError')
  })

  it.each([400, 401, 403, 404, 409, 415, 429, 500, 501, 502, 503, 504])(
    '%i without a body says so',
    async (status) => {
      const error = await errorOf({ status })
      expect(error.message).toContain('the server sent no explanation')
      expect(error.retryable).toBe(status === 429 || status === 502 || status === 503)
    },
  )

  it('carries what Druid said, in parts', async () => {
    const body = wrapped('Query timeout', 'TIMEOUT', 'Query did not complete within 1 ms')
    expect(await errorOf({ status: 504, body })).toMatchObject({
      code: 'SERVER_TIMEOUT',
      category: 'TIMEOUT',
      persona: 'OPERATOR',
      errorCode: 'legacyQueryException',
      errorClass: 'org.apache.druid.query.QueryException',
      context: { host: 'broker:8082', legacyErrorCode: 'Query timeout' },
    })
    expect(await errorOf({ status: 500, body: legacy('Query cancelled', 'x') })).toMatchObject({
      errorCode: 'Query cancelled',
      errorClass: 'org.apache.Some',
    })
  })

  it.each<[string, string, string]>([
    ['POST', '/druid/v2/sql', 'READ on each DATASOURCE or VIEW that is named'],
    ['POST', '/druid/v2/sql/task', 'READ on each DATASOURCE or VIEW that is named, WRITE on'],
    ['POST', '/druid/v2', 'READ on each DATASOURCE that is named'],
    ['GET', '/druid/indexer/v1/workers', 'READ on the DATASOURCE, or on CONFIG or STATE'],
    ['POST', '/druid/coordinator/v1/config', 'WRITE on the DATASOURCE, or on CONFIG or STATE'],
  ])('403 of %s %s says what it takes, as Druid does not', async (method, path, permission) => {
    const reply = { status: 403, body: json({ 'Access-Check-Result': 'Allowed:false, Message:' }) }
    const druid = connect('http://druid:8888', { transport: canned(reply) })
    const body = method === 'GET' ? undefined : {}
    await expect(druid.request(method, path, body)).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringContaining(`${NOT_SAID}it takes ${permission}`),
    })
  })

  it.each([
    [{ 'www-authenticate': 'Basic' }, 'option `auth`; the server asks for Basic)'],
    [{}, 'option `auth`)'],
  ])('401 with %o says what the server asks for', async (headers, says) => {
    expect((await errorOf({ status: 401, headers })).message).toContain(says)
  })

  it('has the position of a mistake in SQL', async () => {
    const context = {
      sourceType: 'sql',
      line: '2',
      column: '14',
      endLine: '2',
      endColumn: '15',
      token: 'FORM',
    }
    const body = druidException('INVALID_INPUT', 'Received an unexpected token [FORM]', { context })
    const error = await errorOf({ status: 400, body })
    expect(isDruidError(error, 'INVALID_INPUT') && error.position).toEqual({ line: 2, column: 14 })
    expect(error).toMatchObject({ context: { token: 'FORM' } })
    const without = await errorOf({ status: 400, body: druidException('INVALID_INPUT', 'no') })
    expect(isDruidError(without, 'INVALID_INPUT') && without.position).toBeUndefined()
  })

  it.each<[string | undefined, number | undefined]>([
    ['3', 3000],
    ['0', 0],
    ['soon', undefined],
    [undefined, undefined],
  ])('429 with Retry-After %s has retryAfter %s', async (value, milliseconds) => {
    const headers = value === undefined ? {} : { 'retry-after': value }
    const error = await errorOf({ status: 429, headers })
    expect(isDruidError(error, 'CAPACITY') && error.retryAfter).toBe(milliseconds)
  })

  it('429 with a date in Retry-After has the time until then', async () => {
    const date = new Date(Date.now() + 60_000).toUTCString()
    const error = await errorOf({ status: 429, headers: { 'retry-after': date } })
    const retryAfter = isDruidError(error, 'CAPACITY') ? error.retryAfter : undefined
    expect(retryAfter).toBeGreaterThan(55_000)
    expect(retryAfter).toBeLessThanOrEqual(60_000)
  })

  it('tells what is known where the server hides the message', async () => {
    // druid.server.http.errorResponseTransform.strategy may null it.
    const error = await errorOf({ status: 500, body: druidException('RUNTIME_FAILURE', null) })
    expect(error.message).toContain('no explanation')
    expect(error.message).toContain('RUNTIME_FAILURE')
  })

  it('keeps a long page short, and control characters out of it', async () => {
    const error = await errorOf({ status: 500, body: `\u001b[31mred\u0007 ${'x'.repeat(5000)}` })
    expect(error.message.length).toBeLessThan(400)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(error.message).not.toMatch(/[\u0000-\u001f]/)
  })

  it('redirects are not followed with the credentials', async () => {
    const error = await errorOf({ status: 307, headers: { location: 'http://elsewhere/' } })
    expect(error).toMatchObject({ code: 'SERVER', status: 307 })
  })
})

describe('a DruidError', () => {
  it('is known by its brand and code, not by its class', () => {
    const error = new DruidError('LIMIT', 'too many', { limit: 1 })
    expect(isDruidError(error)).toBe(true)
    expect(isDruidError(error, 'LIMIT')).toBe(true)
    expect(isDruidError(error, 'SERVER')).toBe(false)
    expect(isExtensionError(error)).toBe(false)
    const ofAnotherCopy = { '~druidError': true, code: 'EXTENSION' }
    expect(isDruidError(ofAnotherCopy)).toBe(true)
    expect(isExtensionError(ofAnotherCopy)).toBe(true)
    for (const other of [undefined, null, 'LIMIT', 1, new Error('x'), { code: 'LIMIT' }]) {
      expect(isDruidError(other)).toBe(false)
    }
  })

  it('becomes JSON with its fields and the message of its cause', () => {
    const cause = Object.assign(new Error('deep'), { secret: 'hidden' })
    const error = new DruidError('TRUNCATED', 'broke off', { rows: 3, queryId: 'q', cause })
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'DruidError',
      code: 'TRUNCATED',
      message: 'broke off',
      rows: 3,
      queryId: 'q',
      attempt: 1,
      retryable: false,
      cause: 'deep',
    })
    expect(error.cause).toBe(cause)
    expect(String(error)).toBe('DruidError: broke off')
  })
})

/** Everything of an error that may end in a log. */
function allOf(error: unknown): string {
  const texts = [inspect(error, { depth: 12, showHidden: true, getters: true })]
  for (let link = error; link instanceof Error; link = link.cause) {
    texts.push(link.message, link.stack ?? '', JSON.stringify(link), String(link))
  }
  return texts.join('\n')
}

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
])('credentials never stand in an error, over %s', (_, transport) => {
  const PASSWORD = 's3cr3t-pässword'
  const TOKEN = 'tok-3n-0f-nobody'
  const BASIC = Buffer.from(`admin:${PASSWORD}`).toString('base64')
  const SECRETS = [PASSWORD, encodeURIComponent(PASSWORD), TOKEN, BASIC, BASIC.slice(0, 12)]

  async function failures(url: string, query = 'SELECT 1'): Promise<unknown[]> {
    const withUserinfo = new URL(url)
    withUserinfo.username = 'admin'
    withUserinfo.password = PASSWORD
    const clients = [
      connect(withUserinfo, { transport }),
      connect(url, { transport, auth: { user: 'admin', password: PASSWORD } }),
      connect(url, { transport, auth: { token: TOKEN } }),
      connect(url, { transport, headers: { 'x-api-key': TOKEN } }),
    ]
    const calls = clients.flatMap((druid) => [
      druid.query(query),
      druid.request('POST', '/druid/x', { a: 1 }),
    ])
    const settled = await Promise.allSettled(calls)
    return settled.map((it) => (it.status === 'rejected' ? it.reason : undefined))
  }

  function expectClean(errors: readonly unknown[]): void {
    expect(errors.every((error) => isDruidError(error))).toBe(true)
    for (const error of errors) {
      const text = allOf(error)
      for (const secret of SECRETS) expect(text).not.toContain(secret)
    }
  }

  it('when nothing listens', async () => expectClean(await failures(await deadUrl())))

  it('when the host is unknown', async () => expectClean(await failures('http://druid.invalid')))

  it('when the server refuses', async () => {
    await using server = await serve((_, response) => response.writeHead(401).end(HTML))
    expectClean(await failures(server.url))
    expect(server.arrived.map((one) => one.headers.authorization)).toEqual(
      expect.arrayContaining([`Basic ${BASIC}`, `Bearer ${TOKEN}`]),
    )
  })

  it('when the reply breaks off', async () => {
    await using server = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('["a"]\n', () => setTimeout(() => response.socket?.destroy(), 5))
    })
    expectClean(await failures(server.url))
  })

  it('when they hold what a header cannot carry', async () => {
    const url = await deadUrl()
    const bad = [
      () => connect(url, { transport, auth: { token: `${TOKEN}\n` } }),
      () => connect(url, { transport, auth: { token: () => `${TOKEN}\r\nx: y` } }),
      () => connect(url, { transport, headers: { 'x-api-key': `${TOKEN}\n\n${TOKEN}` } }),
    ]
    const errors = await Promise.all(
      bad
        .map(async (make) => make().query('SELECT 1'))
        .map((call) => call.catch((e: unknown) => e)),
    )
    expectClean(errors)
    for (const error of errors) expect(isDruidError(error) && error.code).toBe('CONFIG')
  })

  it('when the URL is wrong', () => {
    const urls = [
      `http//admin:${PASSWORD}@druid:8888`,
      `ftp://admin:${PASSWORD}@druid:8888`,
      `http://admin:${PASSWORD}@druid:8888/?q`,
      `http://admin:${PASSWORD}@druid:port`,
    ]
    const errors = urls.map((url) => {
      try {
        return connect(url, { transport })
      } catch (error) {
        return error
      }
    })
    expectClean(errors)
  })

  it('when the options are wrong', () => {
    const wrong: unknown[] = [
      PASSWORD,
      { user: 'admin', pasword: PASSWORD },
      { user: `ad:min`, password: PASSWORD },
      { token: 17, password: PASSWORD },
      { token: '' },
      17,
    ]
    const errors = wrong.map((auth) => {
      try {
        return connect('http://druid:8888', { transport, auth: auth as never })
      } catch (error) {
        return error
      }
    })
    expectClean(errors)
    for (const error of errors) expect(error).toMatchObject({ code: 'CONFIG', option: 'auth' })
  })

  it('nor in a client that is logged', () => {
    const druid = connect(`http://admin:${PASSWORD}@druid:8888`, { transport })
    const text = `${inspect(druid, { depth: 12, showHidden: true })}${JSON.stringify(druid)}`
    for (const secret of SECRETS) expect(text).not.toContain(secret)
  })
})
