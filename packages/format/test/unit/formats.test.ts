import { connect, type Transport } from '@druid/core'
import {
  csv,
  display,
  format,
  html,
  jsonLines,
  markdown,
  table,
  tsv,
  vertical,
} from '@druid/format'
import { describe, expect, it } from 'vitest'

const column = (name: string, sqlType: string, key = name) => ({
  name,
  key,
  sqlType,
  nativeType: null,
})
/** A result as `query` gives it. */
const result = (rows: object[], ...columns: ReturnType<typeof column>[]) =>
  Object.assign(rows, { columns })

const ROWS = [
  {
    text: 'plain',
    number: 1.5,
    big: 9007199254740993n,
    empty: null,
    nested: { a: [1n, Number.NaN] },
  },
  { text: 'a "b", c\nd', number: null, big: -1n, empty: null, nested: null },
]

describe('csv()', () => {
  it('quotes what RFC 4180 wants quoted, and keeps every value', () => {
    expect(csv(ROWS)).toBe(
      [
        'text,number,big,empty,nested',
        'plain,1.5,9007199254740993,,"{""a"":[1,""NaN""]}"',
        '"a ""b"", c\nd",,-1,,',
      ].join('\r\n'),
    )
  })

  it('can be read back, whatever is in it', () => {
    const odd = [
      '',
      ' ',
      '"',
      '""',
      ',',
      '\r',
      '\n',
      '\r\n',
      'é',
      '😀',
      '\u0000',
      '\t',
      "'",
      '=1+1',
      'a,"b"\r\nc',
    ]
    const rows = odd.flatMap((a) => odd.map((b) => ({ a, b })))
    expect(parsed(csv(rows))).toEqual([['a', 'b'], ...rows.map(({ a, b }) => [a, b])])
  })

  it('writes dates, bytes and missing keys', () => {
    const rows = [{ a: new Date(0), b: new Uint8Array([1, 2]) }, { a: true }]
    expect(csv(rows)).toBe('a,b\r\n1970-01-01T00:00:00.000Z,AQI=\r\ntrue,')
  })

  it('leaves formulas as they are, unless they are to be escaped; never a number', () => {
    const rows = [
      { a: '=cmd()', b: -1 },
      { a: '@x', b: -2n },
      { a: '+1', b: null },
      { a: 'a=b', b: null },
    ]
    expect(csv(rows)).toContain('=cmd(),-1')
    expect(csv(rows, { formulas: 'escape', header: false })).toBe(
      "'=cmd(),-1\r\n'@x,-2\r\n'+1,\r\na=b,",
    )
  })

  it('has options', () => {
    expect(
      csv([{ a: null, b: 1 }], { nullText: '\\N', columns: ['b', { name: 'A', key: 'a' }] }),
    ).toBe('b,A\r\n1,\\N')
    expect(csv(result([], column('a', 'BIGINT')))).toBe('a')
    expect(csv([])).toBe('')
    expect(
      csv(
        [
          { a: null, b: 1 },
          { a: undefined, b: 2 },
        ],
        { nonNullColumns: true },
      ),
    ).toBe('b\r\n1\r\n2')
  })

  it('refuses a value that holds itself', () => {
    const own: Record<string, unknown> = {}
    own.own = own
    expect(() => csv([{ a: own }])).toThrow('holds itself')
  })
})

/** The fields of an RFC 4180 text. */
function parsed(text: string): string[][] {
  const rows: string[][] = [[]]
  let field = ''
  let quoted = false
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i]
    if (quoted) {
      if (character !== '"') field += character
      else if (text[i + 1] === '"') {
        field += '"'
        i += 1
      } else quoted = false
    } else if (character === '"') quoted = true
    else if (character === ',' || (character === '\r' && text[i + 1] === '\n')) {
      rows.at(-1)?.push(field)
      field = ''
      if (character === '\r') {
        rows.push([])
        i += 1
      }
    } else field += character
  }
  rows.at(-1)?.push(field)
  return rows
}

describe('tsv()', () => {
  it('escapes what would part a value', () => {
    expect(tsv([{ a: 'x\ty\nz\r\\', b: 1n }])).toBe('a\tb\nx\\ty\\nz\\r\\\\\t1')
  })
})

describe('jsonLines()', () => {
  it('writes every integer with all its digits', () => {
    expect(jsonLines(ROWS).split('\n')).toEqual([
      '{"text":"plain","number":1.5,"big":9007199254740993,"empty":null,"nested":{"a":[1,"NaN"]}}',
      '{"text":"a \\"b\\", c\\nd","number":null,"big":-1,"empty":null,"nested":null}',
    ])
  })

  it('keeps two columns of one name apart, and leaves out a missing key', () => {
    const rows = result(
      [{ a: 1, 'a:1': 2 }, { a: 3 }],
      column('a', 'BIGINT'),
      column('a', 'BIGINT', 'a:1'),
    )
    expect(jsonLines(rows)).toBe('{"a":1,"a:1":2}\n{"a":3}')
  })

  it('writes a key like any other', () => {
    const row = JSON.parse('{"__proto__":1,"constructor":2}') as object
    expect(jsonLines([row])).toBe('{"__proto__":1,"constructor":2}')
  })
})

describe('markdown()', () => {
  it('is a table in which nothing of the data acts', () => {
    const rows = [{ 'a|b': '[x](javascript:y) **b** <img> & `c` \\ a|b\nnext', n: 1 }]
    expect(markdown(rows)).toBe(
      [
        '| a\\|b | n |',
        '| --- | --: |',
        '| \\[x\\](javascript:y) \\*\\*b\\*\\* &lt;img&gt; &amp; \\`c\\` \\\\ a\\|b<br>next | 1 |',
      ].join('\n'),
    )
  })

  it('has a header without rows, and nothing without columns', () => {
    expect(markdown(result([], column('a', 'VARCHAR')))).toBe('| a |\n| --- |')
    expect(markdown([])).toBe('')
  })
})

describe('html()', () => {
  it('escapes all that comes from the data', () => {
    const rows = [{ '<b>': '<script>alert("x")</script>', n: 1, o: { x: '</td>' } }]
    const text = html(rows, { attributes: { class: 'a"b', 'data-x': '<' } })
    expect(text).toBe(
      [
        '<table class="a&quot;b" data-x="&lt;">',
        '<thead>',
        '<tr><th>&lt;b&gt;</th><th style="text-align: right">n</th><th>o</th></tr>',
        '</thead>',
        '<tbody>',
        '<tr><td>&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;</td><td style="text-align: right">1</td><td>{&quot;x&quot;:&quot;&lt;/td&gt;&quot;}</td></tr>',
        '</tbody>',
        '</table>',
      ].join('\n'),
    )
  })

  it('refuses an attribute that is none', () => {
    for (const name of ['onload="x" a', '', '1', 'a b']) {
      expect(() => html([], { attributes: { [name]: 'x' } })).toThrow('is no name of an attribute')
    }
  })
})

describe('vertical()', () => {
  it('has a line for each column, and nothing acts on a terminal', () => {
    expect(vertical([{ name: 'x\u001b[31m\n', 東京: null }])).toBe(
      ['── row 1 ────────────', 'name  x\\u001b[31m\\n', '東京  NULL', '(1 row)'].join('\n'),
    )
    expect(vertical([], { footer: false })).toBe('')
  })
})

describe('nonNullColumns', () => {
  it('leaves out columns without a value only where it is asked for', () => {
    expect(table(ROWS, { footer: false }).split('\n')[0]).toContain('empty')
    expect(table(ROWS, { footer: false, nonNullColumns: true }).split('\n')[0]).not.toContain(
      'empty',
    )
    expect(jsonLines([{ a: null }], { nonNullColumns: true })).toBe('{}')
  })
})

describe('display()', () => {
  it('is HTML, Markdown and text for a notebook, and a text table elsewhere', () => {
    const shown = display([{ a: 1 }, { a: 2 }], { maxRows: 1, attributes: { class: 'x' } })
    const bundle = shown[Symbol.for('Jupyter.display')]?.() as Record<string, string>
    expect(Object.keys(bundle)).toEqual(['text/html', 'text/markdown', 'text/plain'])
    expect(bundle['text/html']).toContain('<table class="x">')
    expect(bundle['text/html']).not.toContain('<td style="text-align: right">2</td>')
    expect(String(shown)).toBe(bundle['text/plain'])
    expect(String(shown)).toContain('(1 of 2 rows)')
    expect(shown[Symbol.for('nodejs.util.inspect.custom')]?.()).toBe(String(shown))
  })
})

/** A Druid that answers every query with this, in pieces. */
function answering(body: string, size = 7): Transport {
  return {
    name: 'answering',
    async request() {
      return {
        status: 200,
        headers: new Headers(),
        body: {
          async *[Symbol.asyncIterator]() {
            for (let i = 0; i < body.length; i += size) {
              yield new TextEncoder().encode(body.slice(i, i + size))
            }
          },
          discard() {},
          trailers: () => undefined,
        },
      }
    },
    async close() {},
  }
}

const BODY = [
  '["city","flights","note"]',
  '["STRING","LONG","STRING"]',
  '["VARCHAR","BIGINT","VARCHAR"]',
  '["Chicago",1204,null]',
  '["Tokyo, \\"east\\"",98,null]',
  '',
  '',
].join('\n')

describe('the extension', () => {
  const connected = (body = BODY) =>
    connect('http://druid:8888', { extensions: [format], transport: answering(body) })

  it('writes as the plain functions do', async () => {
    const druid = connected()
    const rows = await druid.query('SELECT 1')
    const plain = { table, vertical, markdown, html, csv, tsv, jsonLines }
    for (const [name, write] of Object.entries(plain)) {
      const text = await druid.format('SELECT 1', name as 'csv')
      expect(text.replace(/\r?\n$/, '')).toBe(write(rows))
    }
    expect(druid.extensions()[0]?.parts).toEqual(
      Object.keys(plain).map((name) => `formatter ${name}`),
    )
  })

  it('takes their options', async () => {
    const druid = connected()
    expect(await druid.format('SELECT 1', 'csv', { header: false, columns: ['flights'] })).toBe(
      '1204\r\n98\r\n',
    )
    expect(await druid.format('SELECT 1', 'csv', { nonNullColumns: true })).toBe(
      'city,flights\r\nChicago,1204\r\n"Tokyo, ""east""",98\r\n',
    )
    expect(await druid.format('SELECT 1', 'table', { nonNullColumns: true })).not.toContain('note')
  })

  it.each(['vertical', 'markdown', 'html', 'csv', 'tsv', 'jsonLines'] as const)(
    'writes %s while the rows come, and ends with the error of the result',
    async (name) => {
      const cut = BODY.replace(/\n\n$/, '\n')
      const pieces: unknown[] = []
      const reading = (async () => {
        for await (const piece of connected(cut).formatStream('SELECT 1', name)) pieces.push(piece)
      })()
      await expect(reading).rejects.toMatchObject({ code: 'TRUNCATED' })
      expect(pieces.join('')).toContain('Chicago')
    },
  )

  it('says its media types', () => {
    const druid = connected()
    expect(druid.formatStream('SELECT 1', 'html').mediaType).toBe('text/html')
    expect(druid.formatStream('SELECT 1', 'jsonLines').mediaType).toBe('application/x-ndjson')
  })

  it('writes a result without rows', async () => {
    const empty = `${BODY.split('\n').slice(0, 3).join('\n')}\n\n`
    expect(await connected(empty).format('SELECT 1', 'csv')).toBe('city,flights,note\r\n')
    expect(await connected(empty).format('SELECT 1', 'jsonLines')).toBe('')
    expect(await connected(empty).format('SELECT 1', 'table')).toContain('(0 rows)')
  })
})
