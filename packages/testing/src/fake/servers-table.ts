import { isRecord } from '@druid/core/extension'
import { wrongFake } from './problem.ts'
import { type Condition, type Literal, parseSelect, type Select } from './select.ts'
import { SERVER_COLUMNS, type Server, type ServerRow } from './server.ts'
import type { FakeQuery } from './sql-rules.ts'
import type { FakeTable } from './table.ts'

type Column = keyof ServerRow
const NUMBERS: ReadonlySet<string> = new Set<Column>([
  'plaintext_port',
  'tls_port',
  'curr_size',
  'max_size',
  'is_leader',
])

/**
 * The answer to a SELECT over `sys.servers`; `undefined` for other statements. Throws `CONFIG` for
 * one that it does not understand: nothing is guessed.
 */
export function selectServers(
  query: FakeQuery,
  servers: readonly Server[],
  version: string,
): FakeTable | undefined {
  const select = parseSelect(query.sql, query.parameters.map(literalOf))
  if (select === undefined) {
    if (/\bfrom\s+"?sys"?\s*\.\s*"?servers\b/i.test(query.sql)) throw notUnderstood(query.sql)
    return undefined
  }
  if (select.table.join('.') !== 'sys.servers') return undefined
  const rows = servers.filter(({ listed }) => listed).map(({ row }) => row)
  return tableOf(select, rows, version, query.sql)
}

function literalOf(parameter: unknown): Literal {
  const value = isRecord(parameter) ? parameter.value : undefined
  return typeof value === 'number' || value === null ? value : String(value)
}

function notUnderstood(sql: string, why = 'it is not as simple as that'): Error {
  return wrongFake(
    `of sys.servers it answers SELECT columns, *, COUNT(*) or DISTINCT … WHERE … AND … ORDER BY … LIMIT …, and not this statement (${why}): ${sql}\nAnswer it yourself: fakeDruid({ sql: [[${JSON.stringify(sql)}, [{ server: 'druid.test:8082' }]]] })`,
    'sql',
  )
}

function tableOf(
  select: Select,
  all: readonly ServerRow[],
  version: string,
  sql: string,
): FakeTable {
  const known = (column: string): Column => {
    const found = SERVER_COLUMNS.find((one) => one === column)
    if (found !== undefined) return found
    throw notUnderstood(sql, `it has no column "${column}"`)
  }
  if (select.items === undefined && Number.parseInt(version, 10) >= 35) {
    throw notUnderstood(sql, `what * means in Druid ${version} it does not know; name the columns`)
  }
  const items = select.items ?? SERVER_COLUMNS.map((column) => ({ column, name: column }))
  const counts = items.filter(({ column }) => column === undefined)
  const where = select.where.map((condition) => ({ ...condition, column: known(condition.column) }))
  const rows = all.filter((row) =>
    where.every((condition) => holds(row[condition.column], condition)),
  )
  const columns = items.map(({ column, name }) => ({
    name,
    sqlType: column === undefined || NUMBERS.has(known(column)) ? 'BIGINT' : 'VARCHAR',
  }))
  if (counts.length > 0) {
    if (counts.length < items.length || select.orderBy.length > 0 || select.distinct) {
      throw notUnderstood(sql, 'COUNT(*) stands alone')
    }
    return { columns, rows: [items.map(() => rows.length)].slice(0, select.limit) }
  }
  const keys = select.orderBy.map(({ by, descending }) => {
    const item = typeof by === 'number' ? items[by - 1] : items.find(({ name }) => name === by)
    if (typeof by === 'number' && item === undefined) throw notUnderstood(sql, `ORDER BY ${by}`)
    return { column: known(item?.column ?? String(by)), descending }
  })
  if (select.distinct && keys.some(({ column }) => !items.some((item) => item.column === column))) {
    throw notUnderstood(sql, 'DISTINCT is ordered by a column that it leaves out')
  }
  const sorted = rows.toSorted((a, b) => {
    for (const { column, descending } of keys) {
      const order = compare(a[column], b[column])
      if (order !== 0) return descending ? -order : order
    }
    return 0
  })
  const values = sorted.map((row) => items.map(({ column }) => row[column as Column]))
  const kept = select.distinct ? distinct(values) : values
  return { columns, rows: kept.slice(0, select.limit) }
}

function distinct(rows: readonly (readonly unknown[])[]): (readonly unknown[])[] {
  return [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()]
}

/** Nulls are higher than everything, as in Druid. */
function compare(a: Literal, b: Literal): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  return a < b ? -1 : a > b ? 1 : 0
}

/** With a null nothing holds, as in SQL. */
function holds(value: Literal, { operator, values }: Condition): boolean {
  if (operator === 'is null') return value === null
  if (operator === 'is not null') return value !== null
  if (value === null) return false
  const same = (one: Literal): boolean => one !== null && String(one) === String(value)
  if (operator === 'in') return values.some(same)
  if (operator === 'not in') return !values.includes(null) && !values.some(same)
  const [other = null] = values
  if (other === null || (typeof value === 'number' && Number.isNaN(Number(other)))) return false
  const order = compare(value, typeof value === 'number' ? Number(other) : String(other))
  switch (operator) {
    case '=':
      return order === 0
    case '<>':
      return order !== 0
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    default:
      return order >= 0
  }
}
