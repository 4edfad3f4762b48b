import { connect, type SqlParameter, sql } from '@druid/core'
import { describe, expect, it } from 'vitest'
import { arrayLines, canned } from './reply.ts'

const invalid = (text: string | RegExp): object =>
  expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringMatching(text) })

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
    ['TIMESTAMP', new Date(5), 5],
    ['TIMESTAMP', '2000-01-01T00:00:00+01:00', 946681200000],
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
    const at = { type: 'TIMESTAMP', value: 946684800000 }
    for (const time of [
      new Date(946684800000),
      { epochMilliseconds: 946684800000 },
      946684800000,
      '2000-01-01',
      '2000-01-01T00:00:00Z',
      '2000-01-01T01:00+01:00',
    ]) {
      expect(one(sql.time(time))).toEqual(at)
    }
    expect(one(sql`${{ epochMilliseconds: 946684800000 }}`)).toEqual(at)
  })
})

describe('sql.array', () => {
  it('is one parameter', () => {
    expect(one(sql.array([1, 2.5, null]))).toEqual({ type: 'ARRAY', value: [1, 2.5, null] })
    expect(one(sql.array([2n ** 62n]))).toEqual({ type: 'ARRAY', value: [2n ** 62n] })
    expect(one(sql.array([]))).toEqual({ type: 'ARRAY', value: [] })
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
      { sqlTimeZone: "Asia/O'x", vectorize: false, timeout: 5, priority: -1n },
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
    const set = sql.set({ a: 1 }, 'SELECT 1')
    expect(() => sql`SELECT * FROM (${set})`).toThrow(invalid('before a whole statement'))
    expect(() => sql.set({ b: 2 }, set)).toThrow(invalid('before a whole statement'))
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
    ['SELECT 1;', 'SELECT 1'],
    ['SELECT 1 ; -- done; really\n', 'SELECT 1 '],
  ])('%j is one', async (text, sent) => {
    const bodies: string[] = []
    const reply = canned({ body: arrayLines([['n', 'LONG', 'BIGINT']], '[1]') })
    const watched = connect('http://druid:8888', {
      transport: {
        ...reply,
        request(request) {
          bodies.push(request.body ?? '')
          return reply.request(request)
        },
      },
    })
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
