import { type Auth, connect, type DruidErrorCode, isDruidError } from '@druid/core'
import { type AuthRequest, defineExtension } from '@druid/core/extension'
import { fetchTransport } from '@druid/core/fetch'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'

const { origin } = new URL(inject('druidUrl'))
/** Of the projects, that of 27.0.0 has basic security; the other Druid asks nobody who they are. */
const isSecured = inject('readerUrl') !== ''

const transports = [
  ['node', undefined],
  ['fetch', fetchTransport()],
] as const
const COUNT = 'SELECT COUNT(*) AS n FROM flights'
const OTHER = 'SELECT COUNT(*) AS n FROM airports'

const basic = (user: string, password: string): { authorization: string } => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})

/** Every way to say who calls. */
function ways(
  user: string,
  password: string,
): [way: string, url: string, auth: Auth | undefined][] {
  const credentials = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`
  return [
    ['userinfo of the URL', origin.replace('://', `://${credentials}@`), undefined],
    ['user and password', origin, { user, password }],
    ['a request function', origin, () => basic(user, password)],
    ['a request function that takes time', origin, async () => basic(user, password)],
    ['a provider of an extension, by its name', origin, 'company'],
  ]
}

const company = (user: string, password: string) =>
  defineExtension({
    name: 'company-login',
    setup(context) {
      context.auth('company', () => () => basic(user, password))
      return context.define({})
    },
  })

if (isSecured) secured()
else {
  it.each(ways('nobody', 'any'))('a Druid without security takes %s', async (_, url, auth) => {
    const extensions = [company('nobody', 'any')]
    await using druid = connect(url, { ...(auth !== undefined && { auth }), extensions })
    expect(await druid.value(COUNT)).toBe(20_000)
  })

  it('a Druid without security takes a token, and asks for no other', async () => {
    let asked = 0
    const token = (): string => {
      asked += 1
      return 'any'
    }
    await using druid = connect(origin, { auth: { token } })
    expect(await druid.value(COUNT)).toBe(20_000)
    expect(asked).toBe(1)
  })
}

function secured(): void {
  const USER = 'auth-test'
  const PASSWORD = 'größer "als" 1 @/?#%'
  const admin = connect(inject('druidUrl'))
  const security = (method: string, path: string, body?: unknown): Promise<unknown> =>
    admin.request(method, `/proxy/coordinator/druid-ext/basic-security/${path}`, body)
  const setPassword = (password: string): Promise<unknown> =>
    security('POST', `authentication/db/basic/users/${USER}/credentials`, { password })
  const mayRead = (...names: string[]): Promise<unknown> =>
    security(
      'POST',
      `authorization/db/basic/roles/${USER}/permissions`,
      names.map((name) => ({ resource: { name, type: 'DATASOURCE' }, action: 'READ' })),
    )

  /** Router and Broker each hear of a change in their own time: so often in a row it must be there. */
  async function settled(outcome: () => Promise<unknown>, expected: unknown): Promise<void> {
    const thrice = async (): Promise<void> => {
      for (let i = 0; i < 3; i += 1) expect(await outcome()).toBe(expected)
    }
    await vi.waitFor(thrice, { timeout: 20_000, interval: 200 })
  }
  const outcomeOf = (call: Promise<unknown>): Promise<unknown> =>
    call.catch((error: unknown) => (isDruidError(error) ? error.code : error))

  beforeAll(async () => {
    await security('POST', `authentication/db/basic/users/${USER}`)
    await setPassword(PASSWORD)
    await security('POST', `authorization/db/basic/users/${USER}`)
    await security('POST', `authorization/db/basic/roles/${USER}`)
    await mayRead('flights')
    await security('POST', `authorization/db/basic/users/${USER}/roles/${USER}`)
    await using druid = connect(origin, { auth: { user: USER, password: PASSWORD } })
    await settled(() => outcomeOf(druid.value(COUNT)), 20_000)
  })

  afterAll(async () => {
    await security('DELETE', `authentication/db/basic/users/${USER}`)
    await security('DELETE', `authorization/db/basic/users/${USER}`)
    await security('DELETE', `authorization/db/basic/roles/${USER}`)
    expect(await security('GET', 'authentication/db/basic/users')).not.toContain(USER)
    expect(await security('GET', 'authorization/db/basic/roles')).not.toContain(USER)
    await admin.close()
  })

  describe.each(transports)('basic security, transport %s', (_, transport) => {
    describe.each(ways(USER, PASSWORD))('by %s', (__, url, auth) => {
      const open = () =>
        connect(url, {
          transport,
          extensions: [company(USER, PASSWORD)],
          ...(auth !== undefined && { auth }),
        })

      it('a user reads a data source that the role permits', async () => {
        await using druid = open()
        expect(await druid.value(COUNT)).toBe(20_000)
        let rows = 0
        for await (const row of druid.stream('SELECT origin FROM flights LIMIT 10')) {
          expect(row).toHaveProperty('origin')
          rows += 1
        }
        expect(rows).toBe(10)
        const native = { queryType: 'timeBoundary', dataSource: 'flights' } as const
        expect(await druid.native(native)).toHaveLength(1)
      })

      it('and no other, and manages nothing', async () => {
        await using druid = open()
        const native = { queryType: 'timeBoundary', dataSource: 'airports' } as const
        const notSaid = 'the server does not say which permission is missing'
        const management = (method: string, path: string, body?: unknown) => () =>
          druid.request(method, path, body)
        const calls: [call: () => Promise<unknown>, druidSays: string, needs: string][] = [
          [() => druid.query(OTHER), 'Unauthorized', 'READ on each DATASOURCE'],
          [() => druid.explain(OTHER), 'Unauthorized', 'READ on each DATASOURCE'],
          [() => druid.native(native), notSaid, 'READ on each DATASOURCE'],
          [
            () => druid.query('SELECT server FROM sys.servers'),
            'Insufficient permission to view servers: Unauthorized',
            'READ on STATE',
          ],
          [management('GET', '/druid/indexer/v1/workers'), notSaid, 'READ on'],
          [management('GET', '/druid/coordinator/v1/config'), notSaid, 'READ on'],
          [management('POST', '/druid/coordinator/v1/rules/flights', []), notSaid, 'WRITE on'],
          [management('DELETE', '/druid/coordinator/v1/datasources/flights'), notSaid, 'WRITE on'],
          // As text/plain, and with nothing in it.
          [
            management(
              'GET',
              '/proxy/coordinator/druid-ext/basic-security/authentication/db/basic/users',
            ),
            notSaid,
            'READ on',
          ],
          [
            management('POST', '/druid/indexer/v1/task', {
              type: 'kill',
              id: 'never',
              dataSource: 'flights',
              interval: '1900-01-01/1900-01-02',
            }),
            notSaid,
            'WRITE on the DATASOURCE',
          ],
        ]
        for (const [call, druidSays, needs] of calls) {
          const error: unknown = await call().catch((caught: unknown) => caught)
          expect(error).toMatchObject({ code: 'FORBIDDEN', status: 403, retryable: false })
          const { message } = error as Error
          expect(message).toContain(`failed with HTTP 403: ${druidSays} (it takes `)
          expect(message).toContain(needs)
          for (const secret of [PASSWORD, encodeURIComponent(PASSWORD)]) {
            expect(message + JSON.stringify(error)).not.toContain(secret)
          }
        }
      })
    })

    const refused: [who: string, auth: Auth | undefined, says: RegExp, accept?: string][] = [
      ['nobody', undefined, /: Unauthorized request \(.*asks for Basic\)$/],
      ['a wrong password', { user: USER, password: 'wrong' }, /: User authentication failed\. \(/],
      [
        'a wrong password, of which a page tells',
        { user: USER, password: 'wrong' },
        /an HTML page: Error 401 User authentication failed\. \(/,
        'text/html',
      ],
      ['an unknown user', { user: 'auth-test-none', password: 'any' }, /: Unauthorized \(/],
      ['a token', { token: 'any' }, /: Unauthorized request \(.*asks for Basic\)$/],
    ]
    it.each(refused)('%s is UNAUTHENTICATED, whatever is asked', async (__, auth, says, accept) => {
      await using druid = connect(origin, { transport, ...(auth !== undefined && { auth }) })
      const options = accept === undefined ? {} : { headers: { accept } }
      const calls = [
        () => druid.query(COUNT, options),
        () => druid.native({ queryType: 'timeBoundary', dataSource: 'flights' }, options),
        () => druid.request('GET', '/status', undefined, options),
        () => druid.request('GET', '/druid/coordinator/v1/config', undefined, options),
        () => druid.request('POST', '/druid/indexer/v1/task', {}, options),
      ]
      for (const call of calls) {
        await expect(call()).rejects.toMatchObject({
          code: 'UNAUTHENTICATED' satisfies DruidErrorCode,
          status: 401,
          retryable: false,
          message: expect.stringMatching(says),
        })
      }
      // What needs no credentials still goes.
      expect(await druid.request('GET', '/status/health')).toBe(true)
    })

    it('a provider is asked once more on a 401, with the challenge of Druid', async () => {
      const asked: (AuthRequest['rejected'] | undefined)[] = []
      await using druid = connect(origin, {
        transport,
        auth({ rejected }) {
          asked.push(rejected)
          return rejected?.challenge === 'Basic' ? basic(USER, PASSWORD) : {}
        },
      })
      expect(await druid.value(COUNT)).toBe(20_000)
      expect(await druid.request('GET', '/druid/coordinator/v1/datasources')).toEqual(['flights'])
      const challenge = { challenge: 'Basic' }
      expect(asked).toEqual([undefined, challenge, undefined, challenge])

      const rejected: boolean[] = []
      await using byToken = connect(origin, {
        transport,
        auth: {
          token(request) {
            rejected.push(request.rejected)
            return { token: 'any', expiresAt: Date.now() + 3_600_000 }
          },
        },
      })
      await expect(byToken.query(COUNT)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
      expect(rejected).toEqual([false, true])
    })

    it('metadata and INFORMATION_SCHEMA show what the role may see', async () => {
      await using druid = connect(origin, { transport, auth: { user: USER, password: PASSWORD } })
      const tables = `SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'druid'`
      expect(await druid.query(tables)).toEqual([{ TABLE_NAME: 'flights' }])
      const seen = await druid.metadata.tables({ schema: 'druid' })
      expect(seen.map(({ name }) => name)).toEqual(['flights'])
      expect((await druid.metadata.columns('flights')).length).toBeGreaterThan(4)
      await expect(druid.metadata.columns('airports')).rejects.toMatchObject({ code: 'NOT_FOUND' })
      const dataSources = { segments: new Set<string>(), tasks: new Set<string>() }
      for await (const { dataSource } of druid.metadata.segments())
        dataSources.segments.add(dataSource)
      for await (const { dataSource } of druid.metadata.tasks()) dataSources.tasks.add(dataSource)
      expect(dataSources).toEqual({ segments: new Set(['flights']), tasks: new Set(['flights']) })
      await expect(druid.metadata.servers()).rejects.toMatchObject({ code: 'FORBIDDEN' })
    })
  })

  it('a permission that is given or taken away counts on a connection that is open', async () => {
    await using druid = connect(origin, { auth: { user: USER, password: PASSWORD } })
    expect(await outcomeOf(druid.value(OTHER))).toBe('FORBIDDEN')
    // A name is a regular expression.
    await mayRead('flights', 'air.*')
    await settled(() => outcomeOf(druid.value(OTHER)), await admin.value(OTHER))
    await mayRead('flights')
    await settled(() => outcomeOf(druid.value(OTHER)), 'FORBIDDEN')
    expect(await druid.value(COUNT)).toBe(20_000)
  })

  it('a password that is changed counts on a connection that is open', async () => {
    let current = PASSWORD
    let held = PASSWORD
    const rejected: string[] = []
    await using old = connect(origin, { auth: { user: USER, password: PASSWORD } })
    await using renewing = connect(origin, {
      auth(request) {
        if (request.rejected) {
          rejected.push(request.url.pathname)
          held = current
        }
        return basic(USER, held)
      },
    })
    for (const druid of [old, renewing]) expect(await druid.value(COUNT)).toBe(20_000)
    expect(rejected).toEqual([])

    current = 'another one'
    await setPassword(current)
    await using fresh = connect(origin, { auth: { user: USER, password: current } })
    await settled(() => outcomeOf(fresh.value(COUNT)), 20_000)
    await settled(() => outcomeOf(old.value(COUNT)), 'UNAUTHENTICATED')
    expect(await outcomeOf(old.request('GET', '/druid/v2/datasources'))).toBe('UNAUTHENTICATED')

    expect(await renewing.value(COUNT)).toBe(20_000)
    expect(rejected).toEqual(['/druid/v2/sql'])
    expect(await renewing.request('GET', '/druid/v2/datasources')).toEqual(['flights'])
    expect(rejected).toHaveLength(1)

    await setPassword(PASSWORD)
    await settled(() => outcomeOf(old.value(COUNT)), 20_000)
  })
}
