import {
  has,
  type MethodRow,
  type Row,
  type Table,
  type TestedVersion,
  untestedOn,
  VERSIONS,
} from '../../packages/cluster/test/real/coverage/row.ts'

/** `docs/coverage.md`: each endpoint of Druid, its method, and what it was tested on. */
export function coveragePage(tables: readonly Table[]): string {
  const rows = tables.flatMap((table) => table.rows)
  const methods = rows.filter((row): row is MethodRow<unknown> => !('leftOut' in row))
  const tested = methods.filter((row) => VERSIONS.some((version) => isTested(row, version)))
  return [
    '# Coverage',
    '',
    'Made by `./dev coverage` from the tables in `packages/cluster/test/real/coverage`, by which the tests call each method on a real Druid, see that this very endpoint is asked, and what it answers. A version that lacks an endpoint refuses it with `UNSUPPORTED`, which is tested as well. All of the Coordinator and the Overlord is tested twice: directly, and by the proxy of the Router only. SQL and native queries are of [`@druid/core`](queries.md), and not here.',
    '',
    `${rows.length} endpoints: ${methods.length} have a method, ${tested.length} of these are tested against a real Druid.`,
    ...tables.flatMap(section),
    '',
  ].join('\n')
}

function section({ title, rows }: Table): string[] {
  return [
    '',
    `## ${title}`,
    '',
    `| endpoint | method | Druid | ${VERSIONS.map((version) => `on ${version}`).join(' | ')} |`,
    `| --- | --- | --- | ${VERSIONS.map(() => '---').join(' | ')} |`,
    ...rows.map((row) => `| ${cells(row).join(' | ')} |`),
  ]
}

function cells(row: Row<unknown>): string[] {
  const endpoint = `\`${row.endpoint.replaceAll('|', '\\|')}\``
  if ('leftOut' in row) return [endpoint, `none: ${row.leftOut}`, '', ...VERSIONS.map(() => '')]
  return [
    endpoint,
    `\`${row.method}\``,
    versionsOf(row),
    ...VERSIONS.map((version) => {
      if (!has(row, version)) return '`UNSUPPORTED`'
      return untestedOn(row, version) ?? 'tested'
    }),
  ]
}

function isTested(row: MethodRow<unknown>, version: TestedVersion): boolean {
  return has(row, version) && untestedOn(row, version) === undefined
}

function versionsOf({ since, until }: MethodRow<unknown>): string {
  if (since === undefined && until === undefined) return 'all'
  if (since === undefined) return `up to ${until}`
  return until === undefined ? `${since} and later` : `${since} to ${until}`
}
