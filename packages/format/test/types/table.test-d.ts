import { type TableColumn, type TableOptions, type TableRows, table } from '@druid/format'
import { describe, expectTypeOf, it } from 'vitest'

interface Flight {
  readonly origin: string
  readonly delay: number | null
}

/** What `client.query()` returns. */
interface Result extends Array<Flight> {
  readonly columns: readonly {
    readonly name: string
    readonly key: string
    readonly sqlType: string | null
    readonly nativeType: string | null
  }[]
}

describe('table', () => {
  it('takes rows of any object type, and gives text', () => {
    expectTypeOf(table).returns.toBeString()
    expectTypeOf<Flight[]>().toExtend<TableRows>()
    expectTypeOf<readonly Flight[]>().toExtend<TableRows>()
    expectTypeOf<Record<string, unknown>[]>().toExtend<TableRows>()
    expectTypeOf<never[]>().toExtend<TableRows>()
    expectTypeOf<Result>().toExtend<TableRows>()
  })

  it('takes no rows that are no objects', () => {
    expectTypeOf<string[]>().not.toExtend<TableRows>()
    expectTypeOf<(Flight | null)[]>().not.toExtend<TableRows>()
    expectTypeOf<Flight>().not.toExtend<TableRows>()
  })

  it('takes columns by name or with a header, and options that may be undefined', () => {
    expectTypeOf<{ name: string }>().toExtend<TableColumn>()
    expectTypeOf<Result['columns'][number]>().toExtend<TableColumn>()
    expectTypeOf<{ columns: ['a', { name: 'B'; key: 'b' }] }>().toExtend<TableOptions>()
    expectTypeOf<{ width: number | undefined }>().toExtend<TableOptions>()
    expectTypeOf<{ columns: number[] }>().not.toExtend<TableOptions>()
    // @ts-expect-error There is no such option.
    table([], { widths: 80 })
  })
})
