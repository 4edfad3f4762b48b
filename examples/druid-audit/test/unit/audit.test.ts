import { cluster } from '@druid/cluster'
import { connect } from '@druid/core'
import { defineExtension } from '@druid/core/extension'
import {
  capacityExceeded,
  checkExtension,
  describeExtension,
  druidError,
  fakeDruid,
  recordRegistration,
  truncated,
} from '@druid/testing'
import { describe, expect, it } from 'vitest'
import { AuditClient, type AuditEntry, type AuditOptions, audit } from '../../src/index.ts'

// What holds for every extension: it registers, gets along with others, is made once for a
// connection, closes. Each of `calls` is also made where nothing answers, or nothing good.
describeExtension(
  audit.with({ application: 'billing', deny: ['sys.secrets'], mask: { email: 'hide' } }),
  { describe, it, calls: { unknownMasks: (druid) => druid.auditClient().unknownMasks() } },
)

const people = [
  { email: 'ada@example.com', iban: 'GB33BUKB20201555555555', age: 36 },
  { email: null, iban: 'short', age: 41 },
]

function setUp(options: AuditOptions, answers: Parameters<typeof fakeDruid>[0] = {}) {
  const fake = fakeDruid({ sql: [[/FROM people/, people]], ...answers })
  const druid = connect(fake.url, {
    transport: fake.transport,
    extensions: [audit.with(options)],
    onExtensionError: 'throw',
  })
  return { fake, druid }
}

describe('the package', () => {
  it('is in order', async () => {
    expect(await checkExtension(new URL('../..', import.meta.url))).toEqual([])
  }, 60_000)

  it('registers what the README says', () => {
    const { methods, middleware, formatters } = recordRegistration(audit)
    expect(methods).toEqual(['auditClient'])
    expect(middleware.early).toHaveLength(1)
    expect(middleware.late).toHaveLength(1)
    expect(Object.keys(formatters)).toEqual(['evidence'])
  })
})

describe('the log', () => {
  it('has an entry for each query, with what became of it', async () => {
    const { druid } = setUp(
      { deny: ['secrets'] },
      {
        sql: [
          [/FROM people/, people],
          [
            /FROM broken/,
            truncated([{ a: 1 }, { a: 2 }], { after: 2, reason: 'Query timed out!' }),
          ],
          [/FROM closed/, druidError({ category: 'FORBIDDEN', errorMessage: 'Unauthorized' })],
        ],
      },
    )
    await druid.query('SELECT * FROM people')
    for await (const _ of druid.stream('SELECT * FROM people')) break
    await expect(druid.query('SELECT * FROM broken')).rejects.toMatchObject({ code: 'TRUNCATED' })
    await expect(druid.query('SELECT * FROM closed')).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(druid.query('SELECT * FROM secrets')).rejects.toThrow(/deny list/)
    expect(
      druid
        .auditClient()
        .entries()
        .map(({ statement, rows, outcome, code }) => [statement, rows, outcome, code]),
    ).toEqual([
      ['SELECT * FROM people', 2, 'whole', undefined],
      ['SELECT * FROM people', 2, 'left', undefined],
      ['SELECT * FROM broken', 1, 'failed', 'TRUNCATED'],
      ['SELECT * FROM closed', 0, 'failed', 'FORBIDDEN'],
      ['SELECT * FROM secrets', 0, 'refused', 'INVALID_INPUT'],
    ])
    await druid.close()
  })

  it('is of one connection, and remembers as much as it is told to', async () => {
    const one = setUp({ keep: 2 })
    const other = setUp({})
    for (const n of [1, 2, 3]) await one.druid.query(`SELECT ${n} FROM people`)
    expect(one.druid.auditClient().entries()).toHaveLength(2)
    expect(other.druid.auditClient().entries()).toEqual([])
    await one.druid.close()
    await other.druid.close()
  })

  it('is written when the connection is closed, each entry once', async () => {
    const written: AuditEntry[] = []
    const { druid } = setUp({ write: (entries) => written.push(...entries) })
    await druid.query('SELECT 1 FROM people')
    await druid.auditClient().flush()
    expect(written.map(({ statement }) => statement)).toEqual(['SELECT 1 FROM people'])
    await druid.query('SELECT 2 FROM people')
    await druid.close()
    expect(written.map(({ statement }) => statement)).toEqual([
      'SELECT 1 FROM people',
      'SELECT 2 FROM people',
    ])
  })

  it('says at closing what it could not write', async () => {
    const { druid } = setUp({
      write: () => {
        throw new Error('disk full')
      },
    })
    await druid.query('SELECT 1 FROM people')
    const error = await druid.close().catch((thrown) => thrown)
    expect(error).toBeInstanceOf(AggregateError)
    expect(error.errors).toMatchObject([{ code: 'EXTENSION', cause: { message: 'disk full' } }])
  })

  it('counts requests, and the attempts that they took', async () => {
    const { druid } = setUp({})
    await druid.query('SELECT * FROM people')
    await druid.query('SELECT * FROM people')
    expect(druid.auditClient().requests()).toEqual([
      { request: 'POST /druid/v2/sql', calls: 2, attempts: 2 },
    ])
    // An extension that asks again lies between the two.
    const again = defineExtension({
      name: 'again',
      setup: (context) =>
        context.use(async (request, next) => {
          const reply = await next(request)
          return reply.status === 429 ? next(request) : reply
        }),
    })
    let busy = 1
    const fake = fakeDruid({
      sql: [[/./, people]],
      gate: () => (busy-- > 0 ? capacityExceeded() : undefined),
    })
    const extensions = [audit, again] as const
    const insisting = connect(fake.url, { transport: fake.transport, extensions })
    await insisting.query('SELECT * FROM people')
    expect(insisting.auditClient().requests()).toEqual([
      { request: 'POST /druid/v2/sql', calls: 1, attempts: 2 },
    ])
    await insisting.close()
    await druid.cancel('7b7b7b7b-0000').catch(() => {})
    expect(druid.auditClient().requests()[1]?.request).toBe('DELETE /druid/v2/sql/{id}')
    await druid.close()
  })
})

describe('requests', () => {
  it('have a trace of their own, or that of the call', async () => {
    const { druid, fake } = setUp({})
    await druid.query('SELECT 1 FROM people')
    await druid.query('SELECT 2 FROM people')
    await druid.query('SELECT 3 FROM people', { headers: { 'x-acme-trace': 'mine' } })
    const traces = fake.requests.map(({ headers }) => headers['x-acme-trace'] ?? '')
    expect(traces[0]).toMatch(/^[0-9a-f]{8}-1$/)
    expect(traces[1]).toBe(traces[0]?.replace(/1$/, '2'))
    expect(traces[2]).toBe('mine')
    await druid.close()
  })
})

describe('statements', () => {
  it('end with the name of the application', async () => {
    const { druid, fake } = setUp({ application: 'billing' })
    await druid.query('SELECT * FROM people -- all')
    expect(fake.queries[0]?.sql).toBe('SELECT * FROM people -- all\n/* billing */')
    await druid.close()
  })

  it.each([
    'SELECT * FROM sys.servers',
    'select * from "sys"."servers"',
    'SELECT * FROM sys/* */.servers',
    'SELECT 1; DROP TABLE x',
  ])('on the deny list are not sent: %s', async (statement) => {
    const { druid, fake } = setUp({ deny: ['sys.servers', /\bdrop\b/gi] })
    for (const _ of [1, 2]) {
      await expect(druid.query(statement)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    }
    expect(fake.requests).toEqual([])
    await druid.close()
  })

  it.each(["SELECT 'sys.servers' FROM people", 'SELECT 1 FROM people -- no sys.servers'])(
    'that only speak of it are sent: %s',
    async (statement) => {
      const { druid } = setUp({ deny: ['sys.servers'] })
      expect(await druid.query(statement)).toHaveLength(2)
      await druid.close()
    },
  )
})

describe('masked columns', () => {
  const mask: AuditOptions['mask'] = {
    email: 'hide',
    iban: 'last4',
    AGE: (age) => Number(age) > 40,
  }
  const masked = [
    { email: '***', iban: '***5555', age: false },
    { email: null, iban: '***', age: true },
  ]

  it('are masked for whoever reads rows', async () => {
    const { druid } = setUp({ mask })
    expect([...(await druid.query('SELECT * FROM people'))]).toEqual(masked)
    expect(await druid.one('SELECT * FROM people LIMIT 1').catch(({ code }) => code)).toBe('LIMIT')
    const { data } = await druid.columns('SELECT * FROM people')
    expect([...(data.email?.values ?? [])]).toEqual(['***', null])
    expect(await druid.format('SELECT * FROM people', 'evidence')).not.toContain('ada')
    await druid.close()
  })

  it('are masked as rows come', async () => {
    let sent = 0
    const { druid } = setUp(
      { mask },
      {
        sql: () => ({
          columns: { email: 'VARCHAR' },
          rows: (async function* () {
            for (; sent < 1e6; sent += 1) yield { email: `user${sent}@example.com` }
          })(),
        }),
      },
    )
    for await (const row of druid.stream('SELECT email FROM people')) {
      expect(row).toEqual({ email: '***' })
      break
    }
    expect(sent).toBeLessThan(1e5)
    await druid.close()
  })

  it('are known by any name that the client gives them', async () => {
    const { druid } = setUp(
      { mask: { user_email: 'hide' } },
      { sql: () => ({ columns: ['user_email', 'user_email'], rows: [['a', 'b']] }) },
    )
    const camel = druid.with({ values: { keys: 'camelCase' } })
    expect(Object.values(await druid.one('SELECT 1'))).toEqual(['***', '***'])
    expect(Object.values(await camel.one('SELECT 1'))).toEqual(['***', '***'])
    await druid.close()
  })

  it('are not handed out in another way', async () => {
    const { druid, fake } = setUp({ mask })
    const refused = { code: 'INVALID_INPUT', message: expect.stringContaining('bytes') }
    await expect(druid.raw('SELECT * FROM people')).rejects.toMatchObject(refused)
    const scan = { queryType: 'scan', dataSource: 'people', intervals: ['2000/2001'] } as const
    await expect(druid.native(scan)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(fake.requests).toEqual([])
    expect(druid.auditClient().entries()).toMatchObject([
      { outcome: 'refused' },
      { outcome: 'refused', statement: expect.stringContaining('"dataSource":"people"') },
    ])
    await druid.close()
  })

  it('that no table has are told', async () => {
    const { druid } = setUp(
      { mask: { email: 'hide', emial: 'hide' } },
      { sql: [[/INFORMATION_SCHEMA/, [{ audit_column: 'email' }]]] },
    )
    expect(await druid.auditClient().unknownMasks()).toEqual(['emial'])
    await druid.close()
  })

  it('are asked for from Druid 27 on', async () => {
    const { druid } = setUp({}, { version: '26.0.0' })
    await expect(druid.auditClient().unknownMasks()).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    expect(await druid.query('SELECT * FROM people')).toHaveLength(2)
    await druid.close()
  })
})

describe('errors', () => {
  it('have the advice of the company, and all that they had', async () => {
    const { druid } = setUp(
      { advice: { FORBIDDEN: 'Ask #data-access.' } },
      { sql: () => druidError({ category: 'FORBIDDEN', errorMessage: 'Unauthorized' }) },
    )
    const error = await druid.query('SELECT 1').catch((thrown) => thrown)
    expect(error.message).toMatch(/Unauthorized[\s\S]*\nAsk #data-access\.$/)
    expect(error).toMatchObject({ code: 'FORBIDDEN', status: 403, category: 'FORBIDDEN' })
    expect(error).toMatchObject({ queryId: error.cause.queryId, persona: error.cause.persona })
    await druid.close()
  })
})

describe('the format `evidence`', () => {
  it('says who asked, and how many rows there are', async () => {
    const { druid } = setUp({ application: 'billing', mask: { email: 'hide' } })
    const text = await druid.format('SELECT * FROM people', 'evidence', { reason: 'ticket 7' })
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines[0]).toMatchObject({
      application: 'billing',
      reason: 'ticket 7',
      columns: ['email', 'iban', 'age'],
    })
    expect(lines.slice(1)).toEqual([
      ['***', 'GB33BUKB20201555555555', 36],
      [null, 'short', 41],
      { rows: 2 },
    ])
    await druid.close()
  })
})

describe("auth: 'acme'", () => {
  const signing = { id: 'k1', secret: 'top-secret' }

  it('signs every request anew', async () => {
    const fake = fakeDruid({ sql: [[/./, people]] })
    const extensions = [audit.with({ signing })] as const
    const druid = connect(fake.url, { transport: fake.transport, extensions, auth: 'acme' })
    await druid.query('SELECT 1')
    const { headers, method, path } = fake.requests[0] ?? expect.fail('no request')
    const [, id, signature = ''] = /^Acme (.*):(.*)$/.exec(headers.authorization ?? '') ?? []
    expect(id).toBe('k1')
    const algorithm = { name: 'HMAC', hash: 'SHA-256' }
    const bytes = new TextEncoder()
    const key = await crypto.subtle.importKey('raw', bytes.encode('top-secret'), algorithm, false, [
      'verify',
    ])
    const sent = bytes.encode(`${method}\n${path}\n${headers['x-acme-date']}`)
    const mac = Uint8Array.from(atob(signature), (character) => character.charCodeAt(0))
    expect(await crypto.subtle.verify('HMAC', key, mac, sent)).toBe(true)
    await druid.close()
  })

  it('is not used unless it is asked for, and needs a key', async () => {
    const { druid, fake } = setUp({ signing })
    await druid.query('SELECT 1 FROM people')
    expect(fake.requests[0]?.headers.authorization).toBeUndefined()
    await druid.close()
    expect(() => connect(fake.url, { extensions: [audit], auth: 'acme' })).toThrow(/signing/)
  })
})

describe('gateways', () => {
  it('are where servers are reached', async () => {
    const fake = fakeDruid({
      servers: [
        { role: 'router' },
        { role: 'broker' },
        { role: 'coordinator', host: 'c1', port: 8081, leader: true, url: 'http://gate.test/c1' },
      ],
      routes: { 'GET /druid/coordinator/v1/loadstatus': { flights: 100 } },
    })
    const gateways = { 'c1:8081': 'http://gate.test/c1' }
    const druid = connect(fake.url, {
      transport: fake.transport,
      extensions: [cluster, audit.with({ gateways })],
    })
    expect(await druid.cluster().coordinatorClient().loadStatus()).toEqual({ flights: 100 })
    const requests = druid
      .auditClient()
      .requests()
      .map(({ request }) => request)
    expect(requests).toContain('GET /c1/druid/coordinator/v1/loadstatus')
    await druid.close()
  })
})

describe('options that cannot be', () => {
  it.each<AuditOptions>([{ application: 'x */ DROP' }, { keep: 0 }])('%j', (options) => {
    expect(() => setUp(options)).toThrow(AggregateError)
    const fake = fakeDruid()
    const druid = connect(fake.url, {
      transport: fake.transport,
      extensions: [audit.with(options)],
      onExtensionError: 'silent',
    })
    expect(druid.extensions()[0]).toMatchObject({ status: 'failed', error: { code: 'EXTENSION' } })
  })
})

it('AuditClient can be extended', () => {
  const { druid } = setUp({})
  expect(druid.auditClient()).toBeInstanceOf(AuditClient)
})
