import { connect, type FormattedResult } from '@druid/core'
import { csv, display, format, html, jsonLines, markdown, tsv, vertical } from '@druid/format'
import { describe, expectTypeOf, it } from 'vitest'

const druid = connect('http://localhost:8888', { extensions: [format] })

describe('the formats', () => {
  it('are functions from rows to text', () => {
    for (const write of [csv, tsv, html, markdown, vertical, jsonLines]) {
      expectTypeOf(write([])).toBeString()
    }
    expectTypeOf(display([]).toString()).toBeString()
  })

  it('take their own options, and no others', () => {
    csv([], { header: false, formulas: 'escape', columns: ['a', { name: 'B', key: 'b' }] })
    // @ts-expect-error CSV has no footer.
    csv([], { footer: false })
    // @ts-expect-error JSON lines write null as null.
    jsonLines([], { nullText: 'NULL' })
    // @ts-expect-error Attributes are texts.
    html([], { attributes: { border: 1 } })
  })
})

describe('the extension', () => {
  it('gives the client each format by name, with its options', () => {
    expectTypeOf(druid.format('SELECT 1', 'csv', { header: false })).toEqualTypeOf<
      Promise<string>
    >()
    expectTypeOf(druid.formatStream('SELECT 1', 'jsonLines')).toEqualTypeOf<FormattedResult>()
    // @ts-expect-error There is no such format.
    druid.format('SELECT 1', 'xml')
    // @ts-expect-error A Markdown table has no width.
    druid.format('SELECT 1', 'markdown', { width: 80 })
  })
})
