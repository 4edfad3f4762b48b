import type { Column } from '@druid/core'

/** A column before its key is known. */
export type NamedColumn = Omit<Column, 'key'>

const NATIVE_TYPE = /^(STRING|LONG|DOUBLE|FLOAT|ARRAY<.*>|COMPLEX(<.*>)?)$/

/** Columns from three header rows: names, native types, SQL types. Else `undefined`. */
export function columnsOf(headerRows: readonly unknown[]): readonly Column[] | undefined {
  const [names, nativeTypes, sqlTypes] = headerRows
  if (!isTextRow(names) || !isTextRow(nativeTypes) || !isTextRow(sqlTypes)) return undefined
  if (nativeTypes.length !== names.length || sqlTypes.length !== names.length) return undefined
  // A server that writes fewer header rows has data here, which may be text as well.
  if (!nativeTypes.every((type) => type === null || NATIVE_TYPE.test(type))) return undefined
  return withKeys(
    names.map((name, i) => ({
      name: name ?? '',
      nativeType: nativeTypes[i] ?? null,
      sqlType: sqlTypes[i] ?? null,
    })),
  )
}

/** The key of a name that occurs again is `name:1`, `name:2` …, as in results of the client. */
export function withKeys(columns: readonly NamedColumn[]): readonly Column[] {
  const taken = new Set(columns.map(({ name }) => name))
  const seen = new Set<string>()
  return columns.map((column) => {
    let key = column.name
    for (let count = 1; seen.has(column.name) && taken.has(key); count += 1) {
      key = `${column.name}:${count}`
    }
    seen.add(column.name)
    taken.add(key)
    return { name: column.name, key, sqlType: column.sqlType, nativeType: column.nativeType }
  })
}

function isTextRow(row: unknown): row is readonly (string | null)[] {
  return Array.isArray(row) && row.every((cell) => cell === null || typeof cell === 'string')
}
