/** A column of a result, from its three header rows. Known for an empty result too. */
export interface Column {
  /** As in the SQL; two columns may have the same. */
  readonly name: string
  /** The key of its value in a row: the name (by policy in camel case), or `name:1`, `name:2` … where it occurs again. */
  readonly key: string
  /** SQL type, e.g. `VARCHAR`, `BIGINT`, `TIMESTAMP`; `null` where Druid does not say. */
  readonly sqlType: string | null
  /** Druid's own type, e.g. `STRING`, `LONG`, `COMPLEX<json>`; `null` where Druid does not say. */
  readonly nativeType: string | null
}

/** A header row: names or types, `null` where Druid does not know the type. */
export type TextRow = readonly (string | null)[]

export function isTextRow(row: readonly unknown[]): row is TextRow {
  return row.every((cell) => cell === null || typeof cell === 'string')
}

/** Druid's `ColumnType`, whose names are few. */
const NATIVE_TYPE = /^(?:STRING|LONG|DOUBLE|FLOAT|ARRAY<.+>|COMPLEX(?:<.*>)?)$/
const SQL_TYPE = /^[A-Z][A-Z0-9_ ]*$/
/** What SQL calls a STRING: its values, too, may be a word in capitals. */
const TEXT_TYPES: ReadonlySet<string> = new Set(['VARCHAR', 'CHAR', 'NULL', 'ANY', 'OTHER'])

/**
 * Whether the last of these rows can be one of the header. Where a server writes fewer than it was
 * asked for, it is the first row of a result, which may be of texts, too.
 */
export function isHeaderRow(rows: readonly TextRow[]): boolean {
  const [names = [], nativeTypes, sqlTypes] = rows
  const last = rows.at(-1) as TextRow
  if (last.length !== names.length) return false
  if (nativeTypes === undefined) return true
  if (sqlTypes === undefined) {
    return nativeTypes.every((type) => type === null || NATIVE_TYPE.test(type))
  }
  return sqlTypes.every((type, i) => {
    if (type === null) return true
    return nativeTypes[i] === 'STRING' ? TEXT_TYPES.has(type) : SQL_TYPE.test(type)
  })
}

/** How a column's key is made of its name; see `ValuesPolicy.keys`. */
export type KeyStyle = 'name' | 'camelCase'

/** Columns from the three header rows, which are of one length. */
export function columnsOf(headerRows: readonly TextRow[], style: KeyStyle): Column[] {
  const [names = [], nativeTypes = [], sqlTypes = []] = headerRows
  const keys = distinct(names.map((name) => (style === 'camelCase' ? camelKey(name) : name) ?? ''))
  return names.map((name, i) => ({
    name: name ?? '',
    key: keys[i] ?? '',
    sqlType: sqlTypes[i] ?? null,
    nativeType: nativeTypes[i] ?? null,
  }))
}

function distinct(names: readonly string[]): string[] {
  const taken = new Set(names)
  const seen = new Set<string>()
  return names.map((name) => {
    if (!seen.has(name)) {
      seen.add(name)
      return name
    }
    let count = 1
    while (taken.has(`${name}:${count}`)) count += 1
    const key = `${name}:${count}`
    taken.add(key)
    return key
  })
}

/** The run-time half of `CamelKey`: underscores at the beginning stay, as that of `__time`. */
function camelKey(name: string | null): string | null {
  const [lead = '', rest = ''] = name?.match(/^(_*)(.*)$/s)?.slice(1) ?? []
  return name && lead + rest.replace(/_+([^_])/g, (_, next: string) => next.toUpperCase())
}
