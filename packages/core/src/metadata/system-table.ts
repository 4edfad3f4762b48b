import type { QueryOptions, RequestOptions } from '../client/options.ts'
import type { ExtensionHost } from '../extension/host.ts'
import { parseExact } from '../result/json.ts'
import { sql } from '../sql/sql.ts'
import type { UntypedStatement } from '../sql/statement.ts'

/** What metadata needs of a client. Its policy for values is the default one. */
export type MetadataHost = Pick<ExtensionHost, 'query' | 'stream'>

/** A column of a system table, and what its values become. */
export interface Field {
  readonly column: string
  read(value: unknown): unknown
}

/** Key of what is given → column that it is read from. */
export type Fields<R> = { readonly [K in keyof R]-?: Field }

export const text = (column: string): Field => ({ column, read: (value) => value })
export const number = text
/** 0 and 1, or `NO` and `YES`. */
export const flag = (column: string): Field => ({
  column,
  read: (value) => (value === null ? null : value === 1 || value === 'YES'),
})
/** Text that holds JSON; an integer that a number cannot hold becomes a bigint. */
export const json = (column: string): Field => ({
  column,
  read: (value) => (typeof value === 'string' ? parsed(value) : value),
})

function parsed(value: string): unknown {
  try {
    return parseExact(value, BigInt)
  } catch {
    return value
  }
}

/** A table of `sys` or `INFORMATION_SCHEMA`. */
export interface SystemTable<R> {
  readonly schema: 'sys' | 'INFORMATION_SCHEMA'
  readonly table: string
  readonly fields: Fields<R>
}

/** Conditions of a WHERE, of which each must hold. */
export type Conditions = readonly (UntypedStatement | undefined)[]

/** Reads system tables, of each the columns that this version of Druid has. */
export interface SystemTables {
  all<R>(
    table: SystemTable<R>,
    options: RequestOptions,
    conditions?: Conditions,
    order?: UntypedStatement,
  ): Promise<R[]>
  stream<R extends object>(
    table: SystemTable<R>,
    options: RequestOptions,
    conditions?: Conditions,
    order?: UntypedStatement,
  ): AsyncIterable<R>
}

export function systemTables(client: MetadataHost): SystemTables {
  const known = new Map<string, ReadonlySet<string>>()

  /** Callers at the same time ask each for themselves: the signal of one must not end the other. */
  async function columnsOf<R>(
    { schema, table }: SystemTable<R>,
    options: QueryOptions,
  ): Promise<ReadonlySet<string>> {
    const key = `${schema}.${table}`
    const before = known.get(key)
    if (before !== undefined) return before
    const rows = await client.query<{ name: string }>(
      sql`SELECT COLUMN_NAME AS name FROM INFORMATION_SCHEMA.COLUMNS
          WHERE TABLE_SCHEMA = ${schema} AND TABLE_NAME = ${table}`,
      options,
    )
    const columns = new Set(rows.map(({ name }) => name))
    // A user who may not see them now may be allowed to later.
    if (columns.size > 0) known.set(key, columns)
    return columns
  }

  async function prepared<R>(
    from: SystemTable<R>,
    options: QueryOptions,
    conditions: Conditions = [],
    order: UntypedStatement = sql.empty,
  ): Promise<{ statement: UntypedStatement; read: (row: Record<string, unknown>) => R }> {
    const there = await columnsOf(from, options)
    const fields = Object.entries<Field>(from.fields).filter(
      // None is known where the user may not see them: then Druid says so by itself.
      ([, { column }]) => there.size === 0 || there.has(column),
    )
    const names = fields.map(([, { column }]) => sql.id(column))
    const where = conditions.filter((it) => it !== undefined)
    const filter = where.length > 0 ? sql`WHERE ${sql.join(where, ' AND ')}` : sql.empty
    const statement = sql`SELECT ${sql.join(names)} FROM ${sql.id(from.schema, from.table)} ${filter} ${order}`
    const read = (row: Record<string, unknown>): R =>
      Object.fromEntries(fields.map(([key, field]) => [key, field.read(row[field.column])])) as R
    return { statement, read }
  }

  return {
    async all(from, options, conditions, order) {
      const natively = { ...options, context: NATIVELY }
      const { statement, read } = await prepared(from, natively, conditions, order)
      const rows = await client.query<Record<string, unknown>>(statement, natively)
      return rows.map(read)
    },
    async *stream(from, options, conditions, order) {
      const natively = { ...options, context: NATIVELY }
      const { statement, read } = await prepared(from, natively, conditions, order)
      const rows = client.stream<Record<string, unknown>>(statement, natively)
      for await (const batch of rows.batches()) for (const row of batch) yield read(row)
    },
  }
}

/**
 * System tables are the native engine's. Another that the client names by default is left out, and
 * none is named: each key of a context may take a permission.
 */
const NATIVELY = { engine: undefined } as const
