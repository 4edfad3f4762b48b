import { type DruidClient, isDruidError, sql, type TableColumn } from '@druid/core'

/** A column as its type is written: see `ColumnValue` of `@druid/core`. */
export interface TypedColumn {
  readonly name: string
  /** SQL type, e.g. `VARCHAR`, `COMPLEX<json>`; of an array its own, e.g. `ARRAY<STRING>`. */
  readonly type: string
  readonly isNullable: boolean
}

/**
 * The columns of all tables of some schemas, as Druid has them at this moment: name → columns, both
 * in an order of their own. A table of another schema than `druid` has that in front of its name, as
 * in SQL. One that goes while it is looked at is left out.
 */
export async function tableColumns(
  druid: DruidClient,
  schemas: readonly string[],
): Promise<Map<string, readonly TypedColumn[]>> {
  const found = new Map<string, readonly TypedColumn[]>()
  for (const [name, columns] of byTable(await druid.metadata.columns({ schema: schemas }))) {
    const typed = await typedColumns(druid, columns)
    if (typed !== undefined) found.set(name, typed)
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function byTable(columns: readonly TableColumn[]): Map<string, TableColumn[]> {
  const tables = new Map<string, TableColumn[]>()
  for (const column of columns) {
    const { schema, table } = column
    const name = schema === 'druid' ? table : `${schema}.${table}`
    const before = tables.get(name)
    if (before === undefined) tables.set(name, [column])
    else before.push(column)
  }
  return tables
}

/** `undefined` where the table is no longer there. */
async function typedColumns(
  druid: DruidClient,
  columns: readonly TableColumn[],
): Promise<TypedColumn[] | undefined> {
  try {
    const arrays = columns.filter(({ dataType }) => dataType === 'ARRAY')
    const types = await nativeTypes(druid, arrays)
    return columns.map(({ name, dataType, isNullable }) => ({
      name,
      type: types.get(name) ?? dataType,
      isNullable: isNullable !== false,
    }))
  } catch (error) {
    if (!isDruidError(error, 'INVALID_INPUT')) throw error
    const now = await columnsNow(druid, columns)
    if (now === undefined) return undefined
    // It is not that the table, or a column, has gone.
    if (JSON.stringify(now) === JSON.stringify(columns)) throw error
    return typedColumns(druid, now)
  }
}

/**
 * What arrays are of, which `INFORMATION_SCHEMA` does not say: the header of a result does, and one
 * of no rows is not computed.
 */
async function nativeTypes(
  druid: DruidClient,
  columns: readonly TableColumn[],
): Promise<ReadonlyMap<string, string>> {
  const [first] = columns
  if (first === undefined) return new Map()
  const names = sql.join(columns.map(({ name }) => sql.id(name)))
  const from = sql.id(first.schema, first.table)
  const header = (await druid.query(sql`SELECT ${names} FROM ${from} LIMIT 0`)).columns
  return new Map(header.flatMap(({ name, nativeType }) => (nativeType ? [[name, nativeType]] : [])))
}

async function columnsNow(
  druid: DruidClient,
  [first]: readonly TableColumn[],
): Promise<TableColumn[] | undefined> {
  if (first === undefined) return undefined
  try {
    return await druid.metadata.columns(first.table, { schema: first.schema })
  } catch (error) {
    if (isDruidError(error, 'NOT_FOUND')) return undefined
    throw error
  }
}
