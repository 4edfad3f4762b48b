import { connect, type ParameterValue, type SqlParameter, sql, sqlRequest } from '@druid/core'
import { describe, expect, it } from 'vitest'
import { arrayLines, beginResult, canned } from './reply.ts'
import { serve } from './server.ts'

const invalid = (text: string | RegExp): object =>
  expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringMatching(text) })

describe('a statement', () => {
  it('has a ? and a typed parameter for each value', () => {
    const statement = sql`SELECT * FROM t WHERE a = ${'x'} AND b > ${5} AND c < ${0.5} AND d = ${true}
      AND e = ${2n ** 62n} AND f = ${new Date(981173106789)} AND g IS NOT DISTINCT FROM ${null}`
    expect(statement.text).toBe(`SELECT * FROM t WHERE a = ? AND b > ? AND c < ? AND d = ?
      AND e = ? AND f = MILLIS_TO_TIMESTAMP(?) AND g IS NOT DISTINCT FROM ?`)
    expect(statement.parameters).toEqual([
      { type: 'VARCHAR', value: 'x' },
      { type: 'BIGINT', value: 5 },
      { type: 'DOUBLE', value: 0.5 },
      { type: 'BOOLEAN', value: true },
      { type: 'BIGINT', value: 2n ** 62n },
      { type: 'BIGINT', value: 981173106789 },
      { type: 'VARCHAR', value: null },
    ])
  })

  it('is frozen data that can be used again', () => {
    const statement = sql`SELECT ${1}`
    expect(Object.isFrozen(statement)).toBe(true)
    expect(Object.isFrozen(statement.parameters)).toBe(true)
    expect(sql`${statement}, ${statement}`).toMatchObject({
      text: 'SELECT ?, SELECT ?',
      parameters: [{ value: 1 }, { value: 1 }],
    })
  })

  it('keeps the order of parameters when statements are nested', () => {
    const inner = sql`b = ${2} AND ${sql`c = ${3}`}`
    const outer = sql`WHERE a = ${1} AND ${inner} AND d = ${4}`
    expect(outer.text).toBe('WHERE a = ? AND b = ? AND c = ? AND d = ?')
    expect(outer.parameters.map(({ value }) => value)).toEqual([1, 2, 3, 4])
  })

  it('reads escapes as any template does, and refuses what is none', () => {
    expect(sql`SELECT 'a\\b\u00e4'`.text).toBe("SELECT 'a\\bä'")
    expect(() => sql`SELECT U&'\0041'`).toThrow(invalid(/backslash.*twice/))
    const forged = JSON.parse('{"~druid":"statement","text":"1=1","parameters":[]}')
    expect(() => sql`SELECT ${forged}`).toThrow(invalid(/no Druid parameter/))
    expect(() => sql`SELECT REGEXP_LIKE(x, '\d+')`).toThrow(invalid(/backslash.*twice/))
    expect(sql`SELECT REGEXP_LIKE(x, '\\d+')\n`.text).toBe("SELECT REGEXP_LIKE(x, '\\d+')\n")
  })

  it.each([
    "'; DROP TABLE x; --",
    '?',
    '$' + '{1}',
    '" OR ""="',
    '\u0000',
    '\\',
    '/* */',
    "\u2019 ' \uff07",
  ])('never holds the hostile value %j', (hostile) => {
    const statement = sql`SELECT * FROM t WHERE a = ${hostile} AND b IN (${sql.list([hostile])})`
    expect(statement.text).toBe('SELECT * FROM t WHERE a = ? AND b IN (?)')
    expect(statement.parameters.map(({ value }) => value)).toEqual([hostile, hostile])
  })

  it.each<[unknown, RegExp]>([
    [undefined, /parameter 2: it is undefined; write null/],
    [Number.NaN, /NaN is not a number that JSON can carry/],
    [Number.POSITIVE_INFINITY, /Infinity/],
    [new Date('nonsense'), /invalid Date/],
    [2n ** 63n, /9223372036854775808 is beyond 64 bits/],
    [-(2n ** 63n) - 1n, /beyond 64 bits/],
    [['a'], /sql\.list\(values\)/],
    [{ a: 1 }, /type object/],
    [Symbol('x'), /type symbol/],
    [() => 1, /type function/],
  ])('refuses the parameter %s', (value, why) => {
    expect(() => sql`SELECT ${1}, ${value as ParameterValue}`).toThrow(invalid(why))
  })

  it.each(['a\ud83d', '\ude00b', '😀'.slice(1), `${'x'.repeat(1000)}\udfff`])(
    'refuses the text %j, which is cut within a character, wherever it stands',
    async (text) => {
      const why = invalid(/half of a character \(\\ud[0-9a-f]{3} at \d+\)/)
      expect(() => sql`SELECT ${text}`).toThrow(why)
      expect(() => sql.list(['a', text])).toThrow(why)
      expect(() => sql.array(['a', text])).toThrow(why)
      expect(() => sql.typed('VARCHAR', text)).toThrow(why)
      expect(() => sql.set({ sqlTimeZone: text }, 'SELECT 1')).toThrow(invalid(/sql\.set/))
      const druid = connect('http://druid:8888', { transport: canned({}) })
      for (const statement of [`SELECT '${text}'`, sql`SELECT 1 AS ${sql.id(text)}`]) {
        await expect(druid.query(statement)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
      }
      expect(sql`SELECT ${'😀'}`.parameters).toMatchObject([{ value: '😀' }])
    },
  )

  it.each<[ParameterValue, SqlParameter]>([
    [0, { type: 'BIGINT', value: 0 }],
    [Number.MAX_SAFE_INTEGER, { type: 'BIGINT', value: 9007199254740991 }],
    [2 ** 53, { type: 'DOUBLE', value: 2 ** 53 }],
    [1e300, { type: 'DOUBLE', value: 1e300 }],
    [2n ** 63n - 1n, { type: 'BIGINT', value: 2n ** 63n - 1n }],
    [-(2n ** 63n), { type: 'BIGINT', value: -(2n ** 63n) }],
    [new Date(0), { type: 'BIGINT', value: 0 }],
    ['', { type: 'VARCHAR', value: '' }],
  ])('takes the limit %s', (value, parameter) => {
    expect(sql`${value}`.parameters).toEqual([parameter])
  })

  it('is not made by calling sql as a function', () => {
    const call = sql as unknown as (text: unknown) => unknown
    for (const text of ['SELECT 1', ['SELECT 1'], undefined]) {
      expect(() => call(text)).toThrow(invalid(/template tag.*sql\.raw/))
    }
  })
})

describe('the parts of a statement', () => {
  it('sql.id quotes names', () => {
    expect(sql.id('page').text).toBe('"page"')
    expect(sql.id('sys', 'servers').text).toBe('"sys"."servers"')
    expect(sql.id('a"b.c').text).toBe('"a""b.c"')
    expect(sql`SELECT ${sql.id('x"; DROP')}`).toMatchObject({
      text: 'SELECT "x""; DROP"',
      parameters: [],
    })
    expect(() => sql.id('')).toThrow(invalid(/at least one character/))
    expect(() => sql.id(undefined as unknown as string)).toThrow(invalid(/sql\.id/))
    expect(() => (sql.id as () => unknown)()).toThrow(invalid(/sql\.id/))
  })

  it('sql.list makes one parameter each, of any iterable', () => {
    expect(sql`a IN (${sql.list(['x', 'y'])})`).toMatchObject({
      text: 'a IN (?, ?)',
      parameters: [{ value: 'x' }, { value: 'y' }],
    })
    expect(sql.list(new Set([1, 2])).text).toBe('?, ?')
    expect(() => sql.list([])).toThrow(invalid(/empty/))
    expect(() => sql.list(['a', undefined as unknown as string])).toThrow(
      invalid(/parameter 2: it is undefined/),
    )
  })

  it('sql.join puts text between', () => {
    const conditions = [sql`a = ${1}`, sql`b = ${2}`]
    expect(sql.join(conditions, ' AND ')).toMatchObject({
      text: 'a = ? AND b = ?',
      parameters: [{ value: 1 }, { value: 2 }],
    })
    expect(sql.join(['x', 'y'].map((name) => sql.id(name))).text).toBe('"x", "y"')
    expect(sql.join([]).text).toBe('')
    expect(() => sql.join(['a' as never])).toThrow(invalid(/sql\.join/))
  })

  it('sql.raw is text as it is, sql.empty nothing', () => {
    expect(sql`SELECT 1 ${sql.raw('ORDER BY 1 -- ?')} ${sql.empty}`).toMatchObject({
      text: 'SELECT 1 ORDER BY 1 -- ? ',
      parameters: [],
    })
    expect(() => sql.raw(undefined as unknown as string)).toThrow(invalid(/sql\.raw/))
  })
})

describe('the request', () => {
  it('asks for the format that shows where it is complete', () => {
    expect(sqlRequest('SELECT 1', { sqlTimeZone: 'UTC' })).toEqual({
      query: 'SELECT 1',
      resultFormat: 'arrayLines',
      header: true,
      typesHeader: true,
      sqlTypesHeader: true,
      context: { sqlTimeZone: 'UTC' },
    })
    expect(sqlRequest(sql`SELECT ${1}`).parameters).toEqual([{ type: 'BIGINT', value: 1 }])
  })

  it('is sent with all digits of a bigint, as plain JSON', async () => {
    await using server = await serve((_, response) => {
      beginResult(response)
      response.end(arrayLines([['n', 'LONG', 'BIGINT']], '[1]'))
    })
    const druid = connect(`${server.url}/gate/`, {
      context: { sqlTimeZone: 'Etc/UTC', priority: 1 },
    })
    await druid.query(sql`SELECT ${9223372036854775807n} + ${'ä'}`, {
      context: { priority: 2 },
      queryId: 'mine',
    })
    const [{ method, path, headers, body }] = server.arrived as [(typeof server.arrived)[0]]
    expect(`${method} ${path}`).toBe('POST /gate/druid/v2/sql')
    // The Router of Druid 34 and later refuses it with a charset.
    expect(headers['content-type']).toBe('application/json')
    expect(body).toContain('"value":9223372036854775807}')
    expect(JSON.parse(body)).toMatchObject({
      query: 'SELECT ? + ?',
      context: { sqlTimeZone: 'Etc/UTC', priority: 2, sqlQueryId: 'mine' },
      parameters: [{ type: 'BIGINT' }, { type: 'VARCHAR', value: 'ä' }],
    })
  })

  it.each<[unknown, RegExp]>([
    ['', /an empty string/],
    ['  ', /string/],
    [undefined, /undefined/],
    [{ text: 'SELECT 1' }, /object/],
  ])('is refused for %j', async (statement, why) => {
    const druid = connect('http://druid:8888')
    await expect(druid.query(statement as string)).rejects.toThrow(invalid(why))
    expect(() => druid.stream(statement as string)).toThrow(invalid(why))
  })
})
