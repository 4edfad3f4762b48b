/** Each test shows one feature whole, by the name it has where clients of Druid are compared. */
import { connect, type Transport } from '@druid/core'
import { csv, format, html, markdown, table, tsv } from '@druid/format'
import { expect, it } from 'vitest'

const BODY = [
  '["__time","city","flights","delay","note"]',
  '["LONG","STRING","LONG","DOUBLE","STRING"]',
  '["TIMESTAMP","VARCHAR","BIGINT","DOUBLE","VARCHAR"]',
  '["2005-11-01T00:00:00.000Z","Chicago, <b>IL</b>",1204,7.5,null]',
  '["2005-11-02T00:00:00.000Z","=1+1\\t",98,null,null]',
  '',
  '',
].join('\n')

/** A Druid that answers every query with this. */
const transport: Transport = {
  name: 'answering',
  async request() {
    return {
      status: 200,
      headers: new Headers(),
      body: {
        async *[Symbol.asyncIterator]() {
          yield new TextEncoder().encode(BODY)
        },
        discard() {},
        trailers: () => undefined,
      },
    }
  },
  async close() {},
}
const connected = () => connect('http://druid:8888', { extensions: [format], transport })
const query = 'SELECT * FROM flights'

it('46 Null-column filter', async () => {
  const druid = connected()
  // Every row counts, not the last one: "delay" is null there.
  const filtered = await druid.format(query, 'csv', { nonNullColumns: true })
  expect(filtered.split('\r\n')[0]).toBe('__time,city,flights,delay')
  const whole = await druid.format(query, 'csv')
  expect(whole.split('\r\n')[0]).toBe('__time,city,flights,delay,note')
  for (const name of ['table', 'vertical', 'markdown', 'html', 'tsv', 'jsonLines'] as const) {
    expect(await druid.format(query, name, { nonNullColumns: true })).not.toContain('note')
    expect(await druid.format(query, name)).toContain('note')
  }
})

it('47 Text table', async () => {
  const druid = connected()
  expect(await druid.format(query, 'table', { width: 80 })).toBe(
    [
      '__time                    city                flights  delay  note',
      '────────────────────────  ──────────────────  ───────  ─────  ────',
      '2005-11-01T00:00:00.000Z  Chicago, <b>IL</b>     1204    7.5  NULL',
      '2005-11-02T00:00:00.000Z  =1+1\\t                   98   NULL  NULL',
      '(2 rows)',
    ].join('\n'),
  )
  expect(table(await druid.query(query), { width: 80 })).toContain('(2 rows)')
})

it('48 HTML table', async () => {
  const druid = connected()
  const text = await druid.format(query, 'html', { attributes: { class: 'results' } })
  expect(text).toContain('<table class="results">')
  expect(text).toContain('<td>Chicago, &lt;b&gt;IL&lt;/b&gt;</td>')
  expect(text).not.toContain('<b>')
  expect(html(await druid.query(query))).toContain('<th style="text-align: right">flights</th>')
})

it('49 Data frame: columns and rows as the libraries for it take them', async () => {
  const druid = connected()
  // Object of columns: Arquero's table(), Polars' DataFrame(), Danfo's DataFrame().
  const { columns, data, length } = await druid.columns(query)
  const frame = Object.fromEntries(columns.map(({ name, key }) => [name, data[key]?.values]))
  expect(Object.keys(frame)).toEqual(['__time', 'city', 'flights', 'delay', 'note'])
  expect(frame.flights).toEqual(new Float64Array([1204, 98]))
  expect(frame.delay).toEqual(new Float64Array([7.5, Number.NaN]))
  expect(data.delay?.nulls).toEqual(new Uint8Array([0, 1]))
  expect(frame.note).toEqual([null, null])
  expect(length).toBe(2)
  // Array of objects, with the types of its columns: anything else.
  const rows = await druid.query(query)
  expect(rows[0]).toMatchObject({ city: 'Chicago, <b>IL</b>', flights: 1204, delay: 7.5 })
  expect(rows.columns.map(({ sqlType }) => sqlType)).toEqual([
    'TIMESTAMP',
    'VARCHAR',
    'BIGINT',
    'DOUBLE',
    'VARCHAR',
  ])
})

it('50 CSV / TSV export', async () => {
  const druid = connected()
  const pieces: unknown[] = []
  for await (const piece of druid.formatStream(query, 'csv', { formulas: 'escape' })) {
    pieces.push(piece)
  }
  expect(pieces.join('')).toBe(
    [
      '__time,city,flights,delay,note',
      '2005-11-01T00:00:00.000Z,"Chicago, <b>IL</b>",1204,7.5,',
      "2005-11-02T00:00:00.000Z,'=1+1\t,98,,",
      '',
    ].join('\r\n'),
  )
  expect(druid.formatStream(query, 'tsv').mediaType).toBe('text/tab-separated-values')
  expect(await druid.format(query, 'tsv')).toContain('2005-11-02T00:00:00.000Z\t=1+1\\t\t98\t\t\n')
  const rows = await druid.query(query)
  expect(csv(rows).split('\r\n')).toHaveLength(3)
  expect(tsv(rows).split('\n')).toHaveLength(3)
})

it('a row of a single empty value is a row in CSV and TSV', async () => {
  const rows = [{ a: '' }, { a: 'x' }, { a: null }]
  expect(csv(rows)).toBe('a\r\n""\r\nx\r\n""')
  expect(csv([{ a: '', b: null }])).toBe('a,b\r\n,')
  expect(tsv(rows)).toBe('a\n\nx\n\n')
  expect(tsv([{ a: 'x' }])).toBe('a\nx')
})

it('a bare URL is no link in Markdown', () => {
  const text = markdown([{ a: 'see https://evil.example or www.evil.example' }])
  expect(text).toContain('https&#58;//evil.example or www&#46;evil.example')
})
