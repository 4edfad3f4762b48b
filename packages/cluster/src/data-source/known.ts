import { type ExtensionHost, type RequestOptions, sql } from '@druid/core/extension'

/** Names of the columns that SQL knows of a table; none where it knows no such table. */
export async function knownColumns(
  client: ExtensionHost,
  dataSource: string,
  options: RequestOptions,
): Promise<ReadonlySet<string>> {
  const rows = await client.query(
    sql<{ COLUMN_NAME: string }>`
      SELECT COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS
      WHERE TABLE_SCHEMA = 'druid' AND TABLE_NAME = ${dataSource}`,
    options,
  )
  return new Set(rows.map(({ COLUMN_NAME }) => COLUMN_NAME))
}
