import { connect, type SqlParameter, type Statement, sql, type Transport } from '@druid/core'
import { describe, expect, it } from 'vitest'
import { arrayLines, canned } from './reply.ts'

const invalid = (text: string | RegExp): object =>
  expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringMatching(text) })

/** A Druid 34 that keeps what it is sent. */
function keeping(sent: string[]): { readonly transport: Transport } {
  const result = canned({ body: arrayLines([['n', 'LONG', 'BIGINT']], '[1]') })
  const status = canned({ body: '{"version":"34.0.0"}' })
  return {
    transport: {
      ...result,
      request(request) {
        if (request.url.pathname === '/status') return status.request(request)
        if (request.body !== undefined) sent.push(request.body)
        return result.request(request)
      },
    },
  }
}

function one(statement: { readonly text: string; readonly parameters: readonly SqlParameter[] }) {
  expect(statement.text).toBe('?')
  return statement.parameters[0]
}

describe('sql.typed', () => {
  it.each([
    ['VARCHAR', 'x', 'x'],
    ['CHAR', 'x', 'x'],
    ['BIGINT', '9223372036854775807', 9223372036854775807n],
    ['BIGINT', -(2n ** 63n), -(2n ** 63n)],
    ['BIGINT', 5, 5],
    ['INTEGER', -2147483648, -2147483648],
    ['SMALLINT', 32767, 32767],
    ['TINYINT', -128, -128],
    ['DOUBLE', 1, 1],
    ['FLOAT', 0.5, 0.5],
    ['REAL', -0, -0],
    ['BOOLEAN', false, false],
    ['DATE', '1969-12-31', -1],
    ['DATE', new Date('2000-01-01T23:59:59.999Z'), 10957],
    ['ARRAY', ['a', null], ['a', null]],
  ] as const)('%s of %s', (type, value, sent) => {
    expect(one(sql.typed(type, value))).toEqual({ type, value: sent })
    expect(one(sql.typed(type, null))).toEqual({ type, value: null })
  })

  it.each([
    ['BIGINT', 2 ** 53],
    ['BIGINT', 1.5],
    ['BIGINT', '1.5'],
    ['BIGINT', '9223372036854775808'],
    ['INTEGER', 2147483648],
    ['TINYINT', 128n],
    ['DOUBLE', Number.NaN],
    ['DOUBLE', '1'],
    ['BOOLEAN', 1],
    ['VARCHAR', 1],
    ['TIMESTAMP', '2000-01-01T00:00:00'],
    ['TIMESTAMP', 'yesterday'],
    ['TIMESTAMP', new Date(Number.NaN)],
    ['DATE', true],
    ['ARRAY', 'a'],
    ['UUID', 'a'],
    ['DOUBLE', undefined],
  ] as const)('%s refuses %s', (type, value) => {
    expect(() => sql.typed(type as never, value as never)).toThrow(invalid(''))
  })
})

describe('sql.time', () => {
  it('is a TIMESTAMP of a Date, an instant, milliseconds or a text with its zone', () => {
    // As milliseconds: a TIMESTAMP parameter Druid reads as the wall clock of sqlTimeZone.
    const at = {
      text: 'MILLIS_TO_TIMESTAMP(?)',
      parameters: [{ type: 'BIGINT', value: 946684800000 }],
    }
    for (const time of [
      new Date(946684800000),
      { epochMilliseconds: 946684800000 },
      946684800000,
      '2000-01-01',
      '2000-01-01T00:00:00Z',
      '2000-01-01T01:00+01:00',
    ]) {
      expect(sql.time(time)).toMatchObject(at)
      expect(sql.typed('TIMESTAMP', time)).toMatchObject(at)
    }
    expect(sql`${{ epochMilliseconds: 946684800000 }}`).toMatchObject(at)
    expect(sql.list([new Date(946684800000)])).toMatchObject(at)
    expect(one(sql.typed('TIMESTAMP', null))).toEqual({ type: 'TIMESTAMP', value: null })
  })
})

describe('sql.typed of a decimal number', () => {
  it.each(['DOUBLE', 'FLOAT', 'REAL', 'DECIMAL', 'NUMERIC'] as const)('%s', (type) => {
    expect(one(sql.typed(type, 1.5))).toEqual({ type, value: 1.5 })
    expect(one(sql.typed(type, 2n ** 60n))).toEqual({ type, value: 2 ** 60 })
    expect(() => sql.typed(type, 2n ** 60n + 1n)).toThrow(invalid('a double holds exactly'))
    expect(() => sql.typed(type, '1' as never)).toThrow(invalid('a value of type string'))
  })
})

describe('sql.array', () => {
  it('is one parameter', () => {
    expect(one(sql.array([1, 2.5, null]))).toEqual({ type: 'ARRAY', value: [1, 2.5, null] })
    expect(one(sql.array([2n ** 62n]))).toEqual({ type: 'ARRAY', value: [2n ** 62n] })
  })

  it('refuses what Druid takes in no array: nothing at all, and times', () => {
    expect(() => sql.array([])).toThrow(invalid('it is empty'))
    expect(() => sql.array([new Date(0) as never])).toThrow(invalid('sql.list'))
  })

  it('refuses values of several types, and what is no value', () => {
    expect(() => sql.array([1, 'a'])).toThrow(invalid('several types'))
    expect(() => sql.array([undefined as never])).toThrow(invalid('undefined'))
    expect(() => sql.array('abc' as never)).toThrow(invalid('array'))
  })
})

describe('sql.set', () => {
  it('puts settings before a statement, as literals', () => {
    const statement = sql.set(
      { sqlTimeZone: "Asia/O'x", vectorize: false, timeout: 5, priority: -1 },
      sql`SELECT ${1};`,
    )
    expect(statement).toMatchObject({
      text: "SET sqlTimeZone = 'Asia/O''x'; SET vectorize = false; SET timeout = 5; SET priority = -1; SELECT ?",
      parameters: [{ type: 'BIGINT', value: 1 }],
      since: 34,
    })
  })

  it.each([
    [{ 'a b': 1 }],
    [{ "x'; DROP": 1 }],
    [{ a: 'line\nfeed' }],
    [{ a: Number.NaN }],
    [{ a: null }],
  ])('refuses %j', (settings) => {
    expect(() => sql.set(settings as never, 'SELECT 1')).toThrow(invalid('sql.set'))
  })

  it('stands before a whole statement only', () => {
    const set = sql.set({ timeout: 1 }, 'SELECT 1')
    expect(() => sql`SELECT * FROM (${set})`).toThrow(invalid('before a whole statement'))
    expect(() => sql.set({ priority: 2 }, set)).toThrow(invalid('before a whole statement'))
  })
})

it('the plan of a statement with SET is asked for behind it', async () => {
  const sent: string[] = []
  const druid = connect('http://druid:8888', keeping(sent))
  await druid.explain(sql.set({ timeout: 5 }, sql`SELECT ${1}`)).catch(() => {})
  const query = JSON.parse(sent.at(-1) ?? '{}')
  expect(query).toMatchObject({
    query: 'SET timeout = 5; EXPLAIN PLAN FOR SELECT ?',
    parameters: [{ type: 'BIGINT', value: 1 }],
  })
})

describe('parameters of a text', () => {
  const sent: string[] = []
  const druid = connect('http://druid:8888', keeping(sent))

  it('go with every verb, as they are or typed', async () => {
    const text = 'SELECT ? + ?, ?'
    const parameters = [1, sql.typed('DOUBLE', 2), null]
    const options = { parameters }
    const calls = [
      () => druid.query(text, options),
      () => druid.one(text, options),
      () => druid.maybeOne(text, options),
      () => druid.value(text, options),
      () => druid.columns(text, options),
      () => druid.raw(text, options),
      () => druid.explain(text, options),
      () => druid.stream(text, options).batches()[Symbol.asyncIterator]().next(),
    ]
    for (const call of calls) {
      sent.length = 0
      await call().catch(() => {})
      expect(JSON.parse(sent.at(-1) ?? '{}').parameters).toEqual([
        { type: 'BIGINT', value: 1 },
        { type: 'DOUBLE', value: 2 },
        { type: 'VARCHAR', value: null },
      ])
    }
  })

  it('stand where its ? are, and not those within texts, names and comments', async () => {
    sent.length = 0
    const text = `SELECT '?' AS "?", ? /* ? */ -- ?\n, ?`
    await druid.query(text, { parameters: [new Date(5), 'x'] })
    expect(JSON.parse(sent.at(-1) ?? '{}')).toMatchObject({
      query: `SELECT '?' AS "?", MILLIS_TO_TIMESTAMP(?) /* ? */ -- ?\n, ?`,
      parameters: [
        { type: 'BIGINT', value: 5 },
        { type: 'VARCHAR', value: 'x' },
      ],
    })
  })

  it.each<[why: string, statement: Statement | string, parameters: unknown]>([
    ['are 1, and the text has 2 of ?', 'SELECT ?, ?', [1]],
    ['is a list', 'SELECT ?', 1],
    ['has its own', sql`SELECT ${1}` as Statement, [1]],
    ['1 is a statement', 'SELECT ?', [sql.id('a')]],
    ['1 is a statement', 'SELECT ?', [sql`${1}, ${2}`]],
  ])('that are none are CONFIG: %s', async (why, statement, parameters) => {
    const query = druid.query(statement, { parameters: parameters as never })
    await expect(query).rejects.toMatchObject({
      code: 'CONFIG',
      option: 'parameters',
      message: expect.stringContaining(why),
    })
  })
})

describe('one statement at a time', () => {
  const druid = connect('http://druid:8888', {
    transport: canned({ body: arrayLines([['n', 'LONG', 'BIGINT']], '[1]') }),
  })

  it.each(['SELECT 1; SELECT 2', 'SELECT 1;;DROP', "SELECT ';' ; x", 'SET a = 1; SELECT 1'])(
    '%s is refused before it is sent',
    async (text) => {
      await expect(druid.query(text)).rejects.toThrow(invalid('several statements'))
      await expect(druid.query(sql.raw(text))).rejects.toThrow(invalid('several statements'))
    },
  )

  it('says how to write SET', async () => {
    await expect(druid.query('SET a = 1; SELECT 1')).rejects.toThrow(invalid('sql.set'))
  })

  it.each([
    ['SELECT \';\' AS ";" -- a; b', 'SELECT \';\' AS ";" -- a; b'],
    ['SELECT 1 /* ; */ ', 'SELECT 1 /* ; */ '],
    ["SELECT 1 AS a // it's; here", "SELECT 1 AS a // it's; here"],
    ['SELECT 1;', 'SELECT 1'],
    ['SELECT 1 ; -- done; really\n', 'SELECT 1 '],
  ])('%j is one', async (text, sent) => {
    const bodies: string[] = []
    const watched = connect('http://druid:8888', keeping(bodies))
    await watched.query(text)
    expect(JSON.parse(bodies[0] ?? '').query).toBe(sent)
  })
})

/** What has broken clients that put values into the text. */
const HOSTILE = [
  "'; DROP TABLE flights; --",
  "' OR '1'='1",
  '" OR ""="',
  '\\',
  "\\' OR 1=1 --",
  '?',
  '$1 :name @x',
  '/* */ -- #',
  'a\u0000b',
  'line\r\nfeed',
  '\u2028\u2029',
  "U&'\\0027'",
  '{fn USER()}',
  '\u202Eevil',
  'ʼ ＇ ’',
  `${'x'.repeat(10_000)}'`,
  '${1 + 1}',
]

describe('hostile values', () => {
  it.each(HOSTILE)('%j reaches no text by any way of giving it', (value) => {
    const statements = [
      sql`SELECT ${value}`,
      sql`SELECT ${sql.typed('VARCHAR', value)}`,
      sql`SELECT * FROM t WHERE a IN (${sql.list([value, value])})`,
      sql`SELECT ${sql.array([value])}`,
      sql`SELECT ${sql.join([sql`${value}`, sql`${value}`])}`,
    ]
    for (const { text, parameters } of statements) {
      expect(text).toMatch(/^[ -~]*$/)
      expect(text).not.toContain("'")
      expect(JSON.stringify(parameters)).toContain(JSON.stringify(value).slice(1, -1))
    }
  })

  it.each(HOSTILE)('%j as a name stays within its quotes', (value) => {
    const { text } = sql`SELECT ${sql.id(value)}`
    expect(text.startsWith('SELECT "') && text.endsWith('"')).toBe(true)
    expect(text.slice(8, -1).replaceAll('""', '')).not.toContain('"')
  })
})
