import { type TableOptions, type TableRows, table } from '@druid/format'
import stringWidth from 'string-width'
import { afterEach, describe, expect, it, vi } from 'vitest'

const flights = [
  { origin: 'ORD', city: 'Chicago', late: 1204, share: 0.125 },
  { origin: 'EWR', city: 'Newark', late: 98, share: 0.5 },
]

/** The text between the first and the last line of a template, without its indent. */
function text(strings: TemplateStringsArray): string {
  const lines = (strings.raw[0] ?? '').split('\n').slice(1, -1)
  const indent = Math.min(...lines.filter((line) => line).map((line) => line.search(/\S|$/)))
  return lines.map((line) => line.slice(indent)).join('\n')
}

/** A result as `client.query()` returns it: an array with columns that are not enumerable. */
function result(columns: readonly object[], rows: object[] = []): TableRows {
  return Object.defineProperty(rows, 'columns', { value: columns, enumerable: false })
}

function cell(value: unknown, options: TableOptions = {}): string {
  const lines = table([{ v: value, end: '.' }], { width: Infinity, ...options }).split('\n')
  return (lines[2] ?? '').slice(0, -1).trim()
}

function lines(rows: TableRows, options: TableOptions = {}): string[] {
  return table(rows, { width: Infinity, footer: false, ...options }).split('\n')
}

describe('the look of a table', () => {
  it('has a header, a rule, rows and a count', () => {
    expect(table(flights, { width: Infinity })).toBe(text`
      origin  city     late  share
      ──────  ───────  ────  ─────
      ORD     Chicago  1204  0.125
      EWR     Newark     98    0.5
      (2 rows)
    `)
  })

  it('leaves the count out', () => {
    expect(table(flights.slice(1), { footer: false })).toBe(text`
      origin  city    late  share
      ──────  ──────  ────  ─────
      EWR     Newark    98    0.5
    `)
  })

  it('counts one row in the singular', () => {
    expect(table([{ n: 1 }])).toContain('(1 row)')
  })

  it('has no spaces at the ends of lines', () => {
    for (const line of lines([{ a: 'x', b: '' }, { a: 'xyz', b: 'word' }, {}])) {
      expect(line).toBe(line.trimEnd())
    }
  })

  it('shows the first rows of many', () => {
    expect(table(flights, { maxRows: 1 })).toBe(text`
      origin  city     late  share
      ──────  ───────  ────  ─────
      ORD     Chicago  1204  0.125
      (1 of 2 rows)
    `)
    expect(table(flights, { maxRows: 0 })).toBe(text`
      origin  city  late  share
      ──────  ────  ────  ─────
      (0 of 2 rows)
    `)
    expect(table(flights, { maxRows: 2 })).toContain('(2 rows)')
  })
})

describe('columns', () => {
  it('come from the result, so that an empty one has a header', () => {
    const rows = result([
      { name: 'origin', key: 'origin', sqlType: 'VARCHAR', nativeType: 'STRING' },
      { name: 'flights', key: 'flights', sqlType: 'BIGINT', nativeType: 'LONG' },
    ])
    expect(table(rows)).toBe(text`
      origin  flights
      ──────  ───────
      (0 rows)
    `)
  })

  it('may have the same name twice', () => {
    const columns = [
      { name: 'n', key: 'n' },
      { name: 'n', key: 'n:1' },
    ]
    expect(lines(result(columns, [{ n: 1, 'n:1': 2 }]))).toEqual(['n  n', '─  ─', '1  2'])
  })

  it('are all keys of all rows, in order of appearance, where nothing names them', () => {
    expect(table([{ a: 1 }, { b: 'two', a: 3 }])).toBe(text`
      a  b
      ─  ───
      1
      3  two
      (2 rows)
    `)
  })

  it('are those asked for, with the types of the result and other headers', () => {
    const columns = [{ name: 'late', sqlType: 'BIGINT' }, { name: 'city' }]
    const rows = result(columns, [{ late: null, city: 'Newark' }])
    expect(
      table(rows, { columns: ['city', { name: 'Late flights', key: 'late' }, 'gate'] }),
    ).toBe(text`
        city    Late flights  gate
        ──────  ────────────  ────
        Newark          NULL
        (1 row)
      `)
  })

  it('are only own values of a row, whatever they are called', () => {
    const columns = ['constructor', 'toString', '__proto__']
    expect(lines([{ a: 1 }], { columns })[2]).toBe('')
    expect(lines([JSON.parse('{"__proto__":"x","constructor":1}')])).toEqual([
      '__proto__  constructor',
      '─────────  ───────────',
      'x                    1',
    ])
  })

  it('may be none', () => {
    expect(table([])).toBe('(0 rows)')
    expect(table([{}, {}])).toBe('(2 rows)')
    expect(table([], { footer: false })).toBe('')
    expect(lines([{ '': 'x' }])).toEqual(['', '─', 'x'])
  })
})

describe('numbers', () => {
  it('are at the right, bigints too, with their header', () => {
    expect(
      table([
        { number: 1, digits: 2n ** 64n },
        { number: -0.5, digits: null },
      ]),
    ).toBe(text`
      number                digits
      ──────  ────────────────────
           1  18446744073709551616
        -0.5                  NULL
      (2 rows)
    `)
  })

  it('are at the right by SQL type, even as text', () => {
    for (const sqlType of ['BIGINT', 'DOUBLE', 'FLOAT', 'INTEGER', 'DECIMAL(10, 2)']) {
      expect(lines(result([{ name: 'total', sqlType }], [{ total: 'NaN' }]))[2]).toBe('  NaN')
    }
  })

  it('are at the right by native type, where the SQL type says nothing', () => {
    for (const sqlType of [null, undefined, 'OTHER']) {
      const columns = [{ name: 'total', sqlType, nativeType: 'LONG' }]
      expect(lines(result(columns, [{ total: 1 }]))[2]).toBe('    1')
    }
  })

  it('are not what the type says is something else', () => {
    const types = [
      { sqlType: 'TIMESTAMP', nativeType: 'LONG' },
      { sqlType: 'BOOLEAN', nativeType: 'LONG' },
      { sqlType: 'VARCHAR', nativeType: 'STRING' },
    ]
    for (const type of types) {
      expect(lines(result([{ name: 'when', ...type }], [{ when: 1 }]))[2]).toBe('1')
    }
  })

  it('are at the left among texts', () => {
    expect(lines([{ mixed: 1 }, { mixed: 'x' }])).toEqual(['mixed', '─────', '1', 'x'])
  })

  it('may be unusual', () => {
    expect([NaN, Infinity, -Infinity, -0, 0, 1e21, 5e-324].map((value) => cell(value))).toEqual([
      'NaN',
      'Infinity',
      '-Infinity',
      '-0',
      '0',
      '1e+21',
      '5e-324',
    ])
  })
})

describe('values', () => {
  it('null is seen, and is neither the text NULL nor an empty one', () => {
    expect([null, 'NULL', '', undefined].map((value) => cell(value))).toEqual([
      'NULL',
      '"NULL"',
      '',
      '',
    ])
    expect([null, '-', 'NULL'].map((value) => cell(value, { nullText: '-' }))).toEqual([
      '-',
      '"-"',
      'NULL',
    ])
    expect(cell('', { nullText: '' })).toBe('""')
  })

  it('booleans are words', () => {
    expect(cell(false)).toBe('false')
  })

  it('objects and arrays are compact JSON', () => {
    expect(cell({ a: [1, null, 'x"y'], b: { c: true } })).toBe(
      '{"a":[1,null,"x\\"y"],"b":{"c":true}}',
    )
    expect(cell([])).toBe('[]')
    expect(cell({})).toBe('{}')
  })

  it('JSON holds bigints, unusual numbers, and what it would leave out', () => {
    expect(cell({ n: 2n ** 64n, x: NaN, z: -0 })).toBe('{"n":18446744073709551616,"x":NaN,"z":-0}')
    expect(cell({ a: undefined, b: [undefined], c: () => 1 })).toBe('{"b":[null]}')
    expect(cell({ at: new Date(0), raw: new Uint8Array(2) })).toBe(
      '{"at":"1970-01-01T00:00:00.000Z","raw":<2 bytes>}',
    )
  })

  it('cycles end, and what is only there twice is shown twice', () => {
    const loop: Record<string, unknown> = { name: 'loop' }
    loop.self = [loop]
    expect(cell(loop)).toBe('{"name":"loop","self":[[Circular]]}')
    const twice = { x: 1 }
    expect(cell([twice, twice])).toBe('[{"x":1},{"x":1}]')
  })

  it('nesting of any depth is shown in part', () => {
    let deep: unknown = 'x'
    for (let i = 0; i < 100_000; i += 1) deep = [deep]
    expect(cell(deep)).toMatch(/^\[{64}…\]{64}$/)
  })

  it('dates are ISO 8601', () => {
    expect(cell(new Date(Date.UTC(2001, 1, 3)))).toBe('2001-02-03T00:00:00.000Z')
    expect(cell(new Date(NaN))).toBe('Invalid Date')
  })

  it('bytes are counted', () => {
    expect(cell(new Uint8Array(1))).toBe('<1 byte>')
    expect(cell(new ArrayBuffer(12))).toBe('<12 bytes>')
  })

  it('objects that have a text of their own give it', () => {
    expect(cell(new URL('http://broker:8082/'))).toBe('http://broker:8082/')
    expect(cell({ toJSON: () => ({ a: 1 }) })).toBe('{"a":1}')
  })
})

describe('a terminal is safe', () => {
  it('from line breaks and tabs', () => {
    expect(cell('one\ntwo\r\n\tthree')).toBe('one\\ntwo\\r\\n\\tthree')
  })

  it('from escape sequences in values and names', () => {
    const hostile = '\u001b[31mred\u001b[0m\u001b]0;title\u0007\u009b2J\u007f'
    const shown = '\\u001b[31mred\\u001b[0m\\u001b]0;title\\u0007\\u009b2J\\u007f'
    expect(cell(hostile)).toBe(shown)
    expect(lines([{ [hostile]: 1 }])[0]).toBe(shown)
    expect(cell(null, { nullText: '\u001b[2m' })).toBe('\\u001b[2m')
    expect(cell({ [hostile]: '\u009b' })).toContain('\\u001b[31m')
    const footer = table([{ a: 'x'.repeat(30), '\u001b[31m': 'y'.repeat(30) }], { width: 23 })
    expect(footer).not.toContain('\u001b')
  })

  it('from every control character, also where a cell is cut', () => {
    const all = Array.from({ length: 0xa0 }, (_, code) => String.fromCharCode(code)).join('')
    for (let width = 1; width < 60; width += 1) {
      expect(table([{ [all]: all, b: [all] }], { width })).not.toMatch(/[^\P{Cc}\n]/u)
    }
  })

  it('from text that turns the direction of writing, or cannot be seen', () => {
    expect(cell('a\u202eb\u2066c\u200bd\ufeffe\u00adf\u2028g')).toBe(
      'a\\u202eb\\u2066c\\u200bd\\ufeffe\\u00adf\\u2028g',
    )
    expect(cell('x\u{e0041}')).toBe('x\\u{e0041}')
    expect(cell('\ud83d half')).toBe('\\ud83d half')
  })

  it('and emoji, joined letters and flags stay whole', () => {
    const scotland = '\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'
    for (const value of ['👩‍👩‍👧‍👦', 'می‌خواهم', '🇨🇭', scotland]) expect(cell(value)).toBe(value)
  })
})

describe('widths of Unicode', () => {
  it('East Asian text, emoji and combining marks are aligned', () => {
    const cities = ['東京都', '서울', 'ﾊﾟﾘ', 'Zu\u0308rich', '👩‍👩‍👧‍👦 and 🇨🇭', 'القاهرة']
    // Editors draw these wider or narrower; the rule and the numbers end where a terminal has them.
    expect(table(cities.map((city, i) => ({ city, n: 10 ** i })))).toBe(
      text`
      city            n
      ─────────  ──────
      東京都          1
      서울           10
      ﾊﾟﾘ           100
      Zürich       1000
      👩‍👩‍👧‍👦 and 🇨🇭   10000
      القاهرة    100000
      (6 rows)
    `.replace('ü', 'u\u0308'),
    )
  })

  it('cuts between graphemes', () => {
    const family = '👩‍👩‍👧‍👦'
    expect(cell(family.repeat(3), { maxCellWidth: 5 })).toBe(`${family}${family}…`)
    expect(cell(family.repeat(3), { maxCellWidth: 4 })).toBe(`${family}…`)
    expect(cell('日本語', { maxCellWidth: 4 })).toBe('日…')
    expect(cell('日本語', { maxCellWidth: 6 })).toBe('日本語')
    expect(cell('e\u0301e\u0301e\u0301', { maxCellWidth: 2 })).toBe('e\u0301…')
  })
})

describe('a table that is too wide', () => {
  const wide = [
    { id: 1, page: 'Main page of the encyclopedia', comment: 'a rather long comment on an edit' },
    { id: 22, page: 'Short', comment: 'ok' },
  ]

  it('has its widest columns shrunk, the others stay whole', () => {
    expect(table(wide, { width: 50 })).toBe(text`
      id  page                    comment
      ──  ──────────────────────  ──────────────────────
       1  Main page of the ency…  a rather long comment…
      22  Short                   ok
      (2 rows)
    `)
    expect(table(wide, { width: 66 })).toBe(text`
      id  page                           comment
      ──  ─────────────────────────────  ───────────────────────────────
       1  Main page of the encyclopedia  a rather long comment on an ed…
      22  Short                          ok
      (2 rows)
    `)
  })

  it('leaves columns out at the right, and says which', () => {
    const rows = wide.map((row, i) => ({ ...row, user: `user ${i}`, added: 40 * i }))
    expect(table(rows, { width: 45 })).toBe(text`
      id  page          comment       user    added
      ──  ────────────  ────────────  ──────  ─────
       1  Main page o…  a rather lo…  user 0      0
      22  Short         ok            user 1     40
      (2 rows)
    `)
    expect(table(rows, { width: 44 })).toBe(text`
      id  page          comment       user    … +1
      ──  ────────────  ────────────  ──────  ────
       1  Main page o…  a rather lo…  user 0  …
      22  Short         ok            user 1  …
      (2 rows; 1 column left out: added)
    `)
    expect(table(rows, { width: 42 })).toBe(text`
      id  page             comment          … +2
      ──  ───────────────  ───────────────  ────
       1  Main page of t…  a rather long …  …
      22  Short            ok               …
      (2 rows; 2 columns left out: user, added)
    `)
    expect(table(rows, { width: 22 })).toBe(text`
      id  page          … +3
      ──  ────────────  ────
       1  Main page o…  …
      22  Short         …
      (2 rows; 3 columns left out)
    `)
  })

  it('names the columns left out as far as there is room', () => {
    const columns = ['page', 'comment', 'id', 'comment', 'page', 'comment']
    const footer = table(wide, { columns, width: 48 }).split('\n').at(-1)
    expect(footer).toBe('(2 rows; 3 columns left out: comment, page, co…)')
  })

  it('never shows part of a number', () => {
    const rows = [{ digits: 12345678901234567890n, small: 7, name: 'x'.repeat(40) }]
    for (let width = 1; width < 80; width += 1) {
      const drawn = table(rows, { width, footer: false }).split('\n')[2] ?? ''
      expect(drawn).toMatch(width < 26 ? /^ *…/ : /^12345678901234567890/)
      expect(drawn).not.toMatch(/\d…/)
    }
    expect(cell(123456, { maxCellWidth: 5 })).toBe('…')
    expect(lines([{ mixed: 123456 }, { mixed: 'word of eight' }], { width: 5 })[2]).toBe('…')
  })

  it('shortens the header of a narrow number rather than the number', () => {
    expect(table([{ average_delay_in_minutes: 7.25, city: 'Chicago' }], { width: 24 })).toBe(text`
      average_delay_…  city
      ───────────────  ───────
                 7.25  Chicago
      (1 row)
    `)
  })

  it('keeps every line within any width, the count aside', () => {
    const rows = [
      {
        a: '日本語のテキスト',
        b: 12,
        c: 'plain text',
        'header 日本': [1, 'x'],
        e: '👩‍👩‍👧‍👦 family',
      },
      { a: 'x', b: 3456789, c: null, 'header 日本': { a: '\n' }, e: 'naïve café' },
    ]
    for (let width = 1; width < 90; width += 1) {
      for (const line of lines(rows, { width })) {
        expect(stringWidth(line)).toBeLessThanOrEqual(width)
      }
    }
  })
})

describe('where the width comes from', () => {
  const rows = [{ a: 'x'.repeat(60), b: 'y'.repeat(60) }]
  const widest = (drawn: string): number => Math.max(...drawn.split('\n').map((l) => l.length))

  afterEach(() => vi.unstubAllGlobals())

  it('is the terminal', () => {
    vi.stubGlobal('process', { stdout: { isTTY: true, columns: 50 } })
    expect(widest(table(rows))).toBe(50)
    expect(widest(table(rows, { width: 40 }))).toBe(40)
    expect(widest(table(rows, { width: Infinity }))).toBe(122)
  })

  it('is no limit outside a terminal, in one of unknown width, and without a process', () => {
    for (const process of [
      { stdout: { columns: 50 } },
      { stdout: { isTTY: true, columns: 0 } },
      {},
      undefined,
    ]) {
      vi.stubGlobal('process', process)
      expect(widest(table(rows))).toBe(122)
    }
  })

  it('a cell is cut at 1000, or as asked', () => {
    expect(cell('x'.repeat(1000))).toHaveLength(1000)
    expect(cell('x'.repeat(1001))).toBe(`${'x'.repeat(999)}…`)
    expect(cell('x'.repeat(1001), { maxCellWidth: Infinity })).toHaveLength(1001)
    expect(cell('x'.repeat(20), { maxCellWidth: 5 })).toBe('xxxx…')
    expect(cell(`a${'\u0301'.repeat(10_000)}`)).toMatch(/…$/)
    expect(cell(['😀'.repeat(100_000)])).toHaveLength(1 + 1 + 2 * 498 + 1)
  })

  it('refuses what is no width', () => {
    expect(() => table(rows, { width: 0 })).toThrow(
      new RangeError('table: the option width is 0; give a number from 1 up'),
    )
    expect(() => table(rows, { width: NaN })).toThrow(RangeError)
    expect(() => table(rows, { maxCellWidth: 0 })).toThrow(/maxCellWidth/)
    expect(() => table(rows, { maxRows: -1 })).toThrow(/maxRows is -1; give a number from 0 up/)
  })
})
