import type { Metadata, Segment, TableColumn, Task } from '@druid/core'
import { expectTypeOf, test } from 'vitest'

declare const metadata: Metadata
declare const signal: AbortSignal
declare const name: string | undefined

test('columns are of a table, of some schemas, or of all', () => {
  expectTypeOf(metadata.columns()).toEqualTypeOf<Promise<TableColumn[]>>()
  const one = metadata.columns('a', { schema: 'sys', signal })
  expectTypeOf(one).resolves.toEqualTypeOf<TableColumn[]>()
  const some = metadata.columns({ schema: ['druid', 'view'], timeout: 1000 })
  expectTypeOf(some).resolves.toEqualTypeOf<TableColumn[]>()
  // @ts-expect-error a table is of one schema
  void metadata.columns('a', { schema: ['druid', 'view'] })
  // @ts-expect-error a name that may not be there would ask for those of all
  void metadata.columns(name)
})

test('what may be much comes as it is read', () => {
  expectTypeOf(metadata.tasks({ limit: 3, signal })).toEqualTypeOf<AsyncIterable<Task>>()
  expectTypeOf(metadata.segments({ signal })).toEqualTypeOf<AsyncIterable<Segment>>()
})

test('a method has no other options than its own', () => {
  // @ts-expect-error not one that it has
  void metadata.tables({ shema: 'x' })
  // @ts-expect-error it takes no id of a query: it may be two
  void metadata.supervisors({ queryId: 'x' })
  // @ts-expect-error no such status
  void metadata.tasks({ status: 'DONE' })
})
