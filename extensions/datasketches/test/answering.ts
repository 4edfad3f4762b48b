import { type FakeDruid, fakeDruid, reply } from '@druid/testing'

/**
 * A Druid that answers every query with one result, in `arrayLines` with three header rows: columns
 * as name → native type, and rows of values exactly as Druid writes them.
 */
export function answering(
  columns: Readonly<Record<string, string>>,
  ...rows: readonly (readonly unknown[])[]
): FakeDruid {
  const types = Object.values(columns)
  const sqlTypes = types.map((type) => (type.startsWith('COMPLEX') ? 'OTHER' : 'VARCHAR'))
  const lines = [Object.keys(columns), types, sqlTypes, ...rows].map((row) => JSON.stringify(row))
  return fakeDruid({ sql: () => reply({ body: `${lines.join('\n')}\n\n` }) })
}
