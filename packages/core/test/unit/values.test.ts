import { connect, isDruidError, type Row, type Rows } from '@druid/core'
import { describe, expect, it, vi } from 'vitest'
import { arrayLines, type ColumnHead, canned } from './reply.ts'

function rowsOf(columns: readonly ColumnHead[], ...rows: readonly string[]): Promise<Rows<Row>> {
  const transport = canned({ body: arrayLines(columns, ...rows) })
  return connect('http://druid:8888', { transport }).query('SELECT 1')
}

/** The values of one column. */
async function column(head: ColumnHead, ...values: readonly string[]): Promise<unknown[]> {
  const rows = await rowsOf([head], ...values.map((value) => `[${value}]`))
  return rows.map((row) => row[head[0]])
}

const LONG = ['n', 'LONG', 'BIGINT'] as const

describe('BIGINT', () => {
  it('is a number wherever a number holds it', async () => {
    expect(
      await column(LONG, '0', '-1', '9007199254740991', '-9007199254740991', 'null'),
    ).toStrictEqual([0, -1, 9007199254740991, -9007199254740991, null])
  })

  it.each(['9007199254740992', '-9007199254740992', '9223372036854775807', '-9223372036854775808'])(
    'refuses %s, with column, row and all digits',
    async (digits) => {
      const error: unknown = await rowsOf(
        [['page', 'STRING', 'VARCHAR'], LONG],
        '["a",1]',
        `["b",${digits}]`,
      ).catch((caught: unknown) => caught)
      expect(isDruidError(error, 'INEXACT') && error).toMatchObject({ column: 'n', value: digits })
      const message = isDruidError(error) ? error.message : ''
      expect(message).toContain(digits)
      expect(message).toContain('column "n", row 2')
      expect(message).toContain('CAST("n" AS VARCHAR)')
    },
  )

  it('is told by the native type where there is no SQL type', async () => {
    await expect(column(['n', 'LONG', null], '9007199254740993')).rejects.toMatchObject({
      code: 'INEXACT',
      value: '9007199254740993',
    })
  })

  it('refuses the second of two equal columns too', async () => {
    await expect(rowsOf([LONG, LONG], '[1,9007199254740993]')).rejects.toMatchObject({
      code: 'INEXACT',
      value: '9007199254740993',
    })
  })
})

describe('other types', () => {
  it('DOUBLE and FLOAT are numbers, also beyond 2^53', async () => {
    const values = ['1.5', '1.0E10', '1.0E300', '9007199254740993', '-0.0']
    expect(await column(['d', 'DOUBLE', 'DOUBLE'], ...values)).toStrictEqual([
      1.5, 1e10, 1e300, 9007199254740992, -0,
    ])
  })

  it('NaN and the infinities, which Druid sends as strings, are numbers in DOUBLE and FLOAT', async () => {
    const values = ['"NaN"', '"Infinity"', '"-Infinity"']
    const numbers = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    expect(await column(['d', 'DOUBLE', 'DOUBLE'], ...values)).toEqual(numbers)
    expect(await column(['f', 'FLOAT', 'FLOAT'], ...values)).toEqual(numbers)
    expect(await column(['l', 'ARRAY<DOUBLE>', 'ARRAY'], '"[1.5,\\"NaN\\",null]"')).toEqual([
      [1.5, Number.NaN, null],
    ])
    expect(await column(['s', 'STRING', 'VARCHAR'], '"NaN"')).toEqual(['NaN'])
  })

  it('BOOLEAN, VARCHAR and TIMESTAMP are as sent', async () => {
    expect(await column(['b', 'LONG', 'BOOLEAN'], 'true', 'false', 'null')).toEqual([
      true,
      false,
      null,
    ])
    expect(await column(['s', 'STRING', 'VARCHAR'], '"[1]"', '"9007199254740993"', '""')).toEqual([
      '[1]',
      '9007199254740993',
      '',
    ])
    const time = '2000-01-01T00:00:00.000Z'
    expect(await column(['__time', 'LONG', 'TIMESTAMP'], `"${time}"`)).toEqual([time])
  })

  it('ARRAY is an array, from text or as it is', async () => {
    const head = ['list', 'ARRAY<LONG>', 'ARRAY'] as const
    expect(await column(head, '"[1,null,-2]"', '[3,null]', 'null', '"[]"')).toEqual([
      [1, null, -2],
      [3, null],
      null,
      [],
    ])
    expect(await column(['l', 'ARRAY<STRING>', 'ARRAY'], String.raw`"[\"a\\nb\",\"9\"]"`)).toEqual([
      ['a\nb', '9'],
    ])
    expect(
      await column(['l', 'ARRAY<DOUBLE>', 'ARRAY'], '"[1.0E20,0.1234567890123456789]"'),
    ).toEqual([[1e20, 0.12345678901234568]])
  })

  it.each(['"[1,9007199254740993]"', '[1,9007199254740993]'])(
    'ARRAY refuses an inexact integer in %s',
    async (value) => {
      await expect(column(['list', 'ARRAY<LONG>', 'ARRAY'], value)).rejects.toMatchObject({
        code: 'INEXACT',
        column: 'list',
        value: '9007199254740993',
      })
    },
  )

  it('COMPLEX<json> is parsed, whatever it holds', async () => {
    const head = ['doc', 'COMPLEX<json>', 'OTHER'] as const
    const values = [
      String.raw`"{\"a\":[1,{\"b\":null}]}"`,
      String.raw`"\"text\""`,
      '"17"',
      '"null"',
      'null',
      String.raw`"{\"big\":9007199254740991,\"id\":\"9007199254740993\",\"d\":1.5}"`,
    ]
    expect(await column(head, ...values)).toEqual([
      { a: [1, { b: null }] },
      'text',
      17,
      null,
      null,
      { big: 9007199254740991, id: '9007199254740993', d: 1.5 },
    ])
    await expect(column(head, String.raw`"{\"n\":9007199254740993}"`)).rejects.toMatchObject({
      code: 'INEXACT',
      column: 'doc',
      value: '9007199254740993',
    })
    await expect(column(head, '"{"')).rejects.toMatchObject({ code: 'DECODE', line: 4 })
  })

  it.each([
    ['ARRAY<LONG>', 'ARRAY', 'bigint', '1'],
    ['ARRAY<LONG>', 'ARRAY', 'auto', '9223372036854775807'],
    ['ARRAY<DOUBLE>', 'ARRAY', 'safe', '1.5'],
    ['COMPLEX<json>', 'OTHER', 'auto', '9223372036854775807'],
  ] as const)(
    '%s nested too deep for the stack is DECODE after the rows before it, by %s, policy %s',
    async (native, type, bigint, inner) => {
      const nested = `${'['.repeat(100_000)}${inner}${']'.repeat(100_000)}`
      const body = arrayLines([['a', native, type]], '["[]"]', `["${nested}"]`)
      const druid = connect('http://druid:8888', {
        transport: canned({ body }),
        values: { bigint },
      })
      const rows: unknown[] = []
      const read = async (): Promise<void> => {
        for await (const row of druid.stream('SELECT 1')) rows.push(row)
      }
      const deep = { code: 'DECODE', message: expect.stringContaining('nested too deep') }
      await expect(read()).rejects.toMatchObject(deep)
      expect(rows).toEqual([{ a: [] }])
      await expect(druid.columns('SELECT 1')).rejects.toMatchObject(deep)
    },
  )

  it('a sketch is its base64 text, without the quotes of JSON', async () => {
    const head = ['sketch', 'COMPLEX<HLLSketch>', 'OTHER'] as const
    const values = [String.raw`"\"AgEHDAMIAgA=\""`, '"AgEHDAMIAgA="', 'null']
    expect(await column(head, ...values)).toEqual(['AgEHDAMIAgA=', 'AgEHDAMIAgA=', null])
  })
})

describe('column names', () => {
  const text = (name: string): ColumnHead => [name, 'STRING', 'VARCHAR']

  it('keep values of equal names apart', async () => {
    const rows = await rowsOf(['a', 'a', 'b', 'a'].map(text), '["1","2","3","4"]')
    expect(rows[0]).toEqual({ a: '1', 'a:1': '2', b: '3', 'a:2': '4' })
    expect(rows.columns.map(({ name, key }) => [name, key])).toEqual([
      ['a', 'a'],
      ['a', 'a:1'],
      ['b', 'b'],
      ['a', 'a:2'],
    ])
  })

  it('never take the key of a column that is really called so', async () => {
    const before = await rowsOf(['a:1', 'a', 'a'].map(text), '["1","2","3"]')
    expect(before[0]).toEqual({ 'a:1': '1', a: '2', 'a:2': '3' })
    const after = await rowsOf(['a', 'a', 'a:1', 'a:1'].map(text), '["1","2","3","4"]')
    expect(after[0]).toEqual({ a: '1', 'a:2': '2', 'a:1': '3', 'a:1:1': '4' })
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'a"b\\c', '\u2028', '😀'])(
    'may be %j',
    async (name) => {
      const [row] = await rowsOf([text(name)], '["value"]')
      expect(Object.keys(row as Row)).toEqual([name])
      expect(Object.getOwnPropertyDescriptor(row, name)?.value).toBe('value')
      expect(Object.getPrototypeOf(row)).toBe(Object.prototype)
    },
  )

  it('keep their order in columns, also where they look like integers', async () => {
    const rows = await rowsOf(['2', 'x', '1'].map(text), '["two","x","one"]')
    expect(rows[0]).toEqual({ '1': 'one', '2': 'two', x: 'x' })
    expect(rows.columns.map(({ key }) => key)).toEqual(['2', 'x', '1'])
  })

  it('may be missing, as types may', async () => {
    const rows = await rowsOf([['EXPR$0', null, null]], '[[1]]', '["x"]', '[9007199254740993]')
    expect(rows.columns).toEqual([
      { name: 'EXPR$0', key: 'EXPR$0', nativeType: null, sqlType: null },
    ])
    expect(rows[0]).toEqual({ EXPR$0: [1] })
  })
})

describe('rows', () => {
  it('are the same where code generation is forbidden', async () => {
    vi.stubGlobal('Function', () => {
      throw new EvalError('Code generation from strings disallowed for this context')
    })
    const rows = await rowsOf([LONG, LONG, ['__proto__', 'STRING', 'VARCHAR']], '[1,2,"x"]')
    vi.unstubAllGlobals()
    expect(Object.entries(rows[0] as Row)).toEqual([
      ['n', 1],
      ['n:1', 2],
      ['__proto__', 'x'],
    ])
  })

  it('are a real array with columns, query id and stats that are not listed', async () => {
    const rows = await rowsOf([LONG], '[1]', '[2]')
    expect(Array.isArray(rows)).toBe(true)
    expect(Object.keys(rows)).toEqual(['0', '1'])
    expect(JSON.stringify(rows)).toBe('[{"n":1},{"n":2}]')
    expect(rows.stats.duration).toBeGreaterThanOrEqual(rows.stats.decodeTime)
  })
})

describe('one, maybeOne and value', () => {
  const druid = (...rows: string[]) =>
    connect('http://druid:8888', { transport: canned({ body: arrayLines([LONG], ...rows) }) })

  it('take the only row', async () => {
    expect(await druid('[7]').one('SELECT 7')).toEqual({ n: 7 })
    expect(await druid('[7]').maybeOne('SELECT 7')).toEqual({ n: 7 })
    expect(await druid('[7]').value('SELECT 7')).toBe(7)
    expect(await druid('[null]').value('SELECT NULL')).toBeNull()
  })

  it('tell of none', async () => {
    await expect(druid().one('SELECT 7')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('maybeOne()'),
    })
    expect(await druid().maybeOne('SELECT 7')).toBeUndefined()
    await expect(druid().value('SELECT 7')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('refuse more than one row or column', async () => {
    await expect(druid('[1]', '[2]').one('SELECT 7')).rejects.toMatchObject({ code: 'LIMIT' })
    await expect(druid('[1]', '[2]').maybeOne('SELECT 7')).rejects.toMatchObject({ code: 'LIMIT' })
    const two = canned({ body: arrayLines([LONG, ['m', 'LONG', 'BIGINT']], '[1,2]') })
    await expect(
      connect('http://druid:8888', { transport: two }).value('SELECT 1, 2'),
    ).rejects.toMatchObject({ code: 'LIMIT', message: expect.stringContaining('(n, m)') })
  })
})

describe('a stream', () => {
  const stream = () =>
    connect('http://druid:8888', {
      transport: canned({ body: arrayLines([LONG], '[1]', '[2]', '[3]') }),
    }).stream<{ n: number }>('SELECT n FROM t')

  it('gives rows, and at its end columns and stats', async () => {
    const rows = stream()
    expect(rows.header).toEqual([])
    expect(rows.stats).toBeUndefined()
    const seen: number[] = []
    for await (const row of rows) seen.push(row.n)
    expect(seen).toEqual([1, 2, 3])
    expect(rows.header.map(({ name }) => name)).toEqual(['n'])
    expect(rows.stats?.rows).toBe(3)
  })

  it('gives batches', async () => {
    const seen: number[] = []
    for await (const batch of stream().batches()) seen.push(...batch.map((row) => row.n))
    expect(seen).toEqual([1, 2, 3])
  })

  it('loses no row when several are asked for at once', async () => {
    const rows = stream()[Symbol.asyncIterator]()
    const steps = await Promise.all([rows.next(), rows.next(), rows.next(), rows.next()])
    expect(steps.map((step) => (step.done ? 'end' : step.value.n))).toEqual([1, 2, 3, 'end'])
  })

  it('can be read only once', async () => {
    const rows = stream()
    for await (const row of rows) expect(row).toBeDefined()
    expect(() => rows[Symbol.asyncIterator]()).toThrow(expect.objectContaining({ code: 'CLOSED' }))
    expect(() => rows.batches()).toThrow(/only once/)
  })
})
