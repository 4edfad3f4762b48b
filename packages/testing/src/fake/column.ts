import { isRecord } from '@druid/core/extension'
import { wrongFake } from './problem.ts'

/** A column of an answer. */
export interface FakeColumn {
  readonly name: string
  /** `null`: Druid does not say. */
  readonly sqlType: string | null
  readonly nativeType: string | null
}

/**
 * Columns of an answer: name → type, a SQL type (`VARCHAR`, `BIGINT`, `TIMESTAMP` …) or a native one
 * for what SQL calls `ARRAY` and `OTHER` (`ARRAY<STRING>`, `COMPLEX<json>`); or a list, for two
 * columns of one name, types that belong together in no other place, and names like `1`, which an
 * object would put first.
 */
export type ColumnSpec =
  | Readonly<Record<string, string>>
  | readonly (string | (Partial<FakeColumn> & { readonly name: string }))[]

/** SQL type → native type, as Druid 33.0.0 reports them together. */
const NATIVE: Readonly<Record<string, string>> = {
  VARCHAR: 'STRING',
  CHAR: 'STRING',
  NULL: 'STRING',
  BIGINT: 'LONG',
  INTEGER: 'LONG',
  BOOLEAN: 'LONG',
  TIMESTAMP: 'LONG',
  DATE: 'LONG',
  DOUBLE: 'DOUBLE',
  DECIMAL: 'DOUBLE',
  REAL: 'DOUBLE',
  FLOAT: 'FLOAT',
}

export function columnsOf(spec: ColumnSpec): FakeColumn[] {
  if (Array.isArray(spec)) return spec.map(columnOf)
  if (!isRecord(spec)) throw wrongFake('columns are { name: type } or a list', 'columns')
  return Object.entries(spec).map(([name, type]) => typed(name, type))
}

function columnOf(one: string | Partial<FakeColumn>): FakeColumn {
  if (typeof one === 'string') return { name: one, sqlType: null, nativeType: null }
  const { name, sqlType, nativeType } = Object(one) as Partial<FakeColumn>
  if (typeof name !== 'string') {
    throw wrongFake('a column of a list is a name or { name, sqlType, nativeType }', 'columns')
  }
  if (sqlType != null && nativeType !== undefined) return { name, sqlType, nativeType }
  const type = sqlType ?? nativeType
  return type == null ? { name, sqlType: null, nativeType: null } : typed(name, type)
}

function typed(name: string, type: string): FakeColumn {
  if (Object.hasOwn(NATIVE, type)) {
    return { name, sqlType: type, nativeType: NATIVE[type] as string }
  }
  if (/^ARRAY<.+>$/.test(type)) return { name, sqlType: 'ARRAY', nativeType: type }
  if (/^COMPLEX<.+>$/.test(type)) return { name, sqlType: 'OTHER', nativeType: type }
  const types = [...Object.keys(NATIVE), 'ARRAY<STRING>', 'COMPLEX<json>'].join(', ')
  throw wrongFake(`column "${name}": "${type}" is no type; there are ${types}`, 'columns')
}

/** The columns that rows without any have: as Druid would most likely report such values. */
export function inferredColumns(rows: readonly object[]): FakeColumn[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return names.map((name) => {
    const values = rows.map((row) => Reflect.get(row, name) as unknown)
    return typed(name, typeOf(name, values))
  })
}

function typeOf(name: string, values: readonly unknown[]): string {
  const kinds = new Set(values.filter((value) => value != null).map(kindOf))
  if (kinds.size === 0) return 'VARCHAR'
  if (kinds.size === 2 && kinds.has('BIGINT') && kinds.has('DOUBLE')) return 'DOUBLE'
  const [kind = 'VARCHAR'] = kinds
  if (kinds.size > 1 || kind === 'nothing') {
    throw wrongFake(
      `column "${name}" holds values of several types, or of none that Druid has; say its type: { columns: { ${JSON.stringify(name)}: 'VARCHAR' }, rows }`,
      'columns',
    )
  }
  if (kind !== 'ARRAY') return kind
  const elements = values.flatMap((value) => (Array.isArray(value) ? value : []))
  const element = typeOf(name, elements)
  return `ARRAY<${NATIVE[element] ?? element}>`
}

function kindOf(value: unknown): string {
  if (typeof value === 'string') return 'VARCHAR'
  if (typeof value === 'boolean') return 'BOOLEAN'
  if (typeof value === 'bigint') return 'BIGINT'
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'BIGINT' : 'DOUBLE'
  if (value instanceof Date) return 'TIMESTAMP'
  if (Array.isArray(value)) return 'ARRAY'
  if (isRecord(value) && Object.getPrototypeOf(value) === Object.prototype) return 'COMPLEX<json>'
  return 'nothing'
}
