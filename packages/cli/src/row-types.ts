import { connect, type DruidClient, type TableColumn } from '@druid/core'
import { type Command, InvalidArgumentError } from 'commander'
import { put, type WriteOptions, withOutput } from './ext/generated.ts'

interface RowTypesOptions extends WriteOptions {
  readonly url?: string
  readonly schema: readonly string[]
}

const FILE = 'src/druid-tables.ts'

/** `druid types`: the types of rows, from the tables that a Druid has. */
export function addRowTypes(druid: Command): void {
  const command = druid
    .command('types')
    .description('write the types of rows of the tables and views of a Druid')
    .option('--url <url>', 'of a Router or Broker (default: DRUID_URL)')
    .option('--schema <name...>', 'schemas to read, of which druid has the data sources', ['druid'])
    .addHelpText(
      'after',
      '\nCredentials: DRUID_USER and DRUID_PASSWORD, or DRUID_TOKEN; or in the URL.',
    )
  withOutput(command, FILE).action(rowTypes)
}

async function rowTypes(options: RowTypesOptions): Promise<void> {
  const { DRUID_URL, DRUID_USER, DRUID_PASSWORD, DRUID_TOKEN } = process.env
  const url = options.url ?? DRUID_URL
  if (!url) throw new InvalidArgumentError('druid types needs --url, or DRUID_URL')
  const auth = DRUID_TOKEN
    ? { token: DRUID_TOKEN }
    : DRUID_USER && { user: DRUID_USER, password: DRUID_PASSWORD ?? '' }
  // Not `await using`, which the oldest Node that this runs on does not know.
  const druid = connect(url, { ...(auth && { auth }) })
  const tables = await tablesOf(druid, options.schema).finally(() => druid.close())
  await put(
    {
      file: options.out ?? FILE,
      by: 'druid types',
      from: `the tables of ${options.schema.join(', ')}`,
      source: [...tables],
      body: bodyOf(tables),
    },
    options,
  )
}

/** Table → columns, both in an order of their own: the file is the same on every run. */
async function tablesOf(
  druid: DruidClient,
  schemas: readonly string[],
): Promise<Map<string, TableColumn[]>> {
  const tables = new Map<string, TableColumn[]>()
  for (const schema of schemas) {
    for (const { name } of await druid.metadata.tables({ schema })) {
      const key = schema === 'druid' ? name : `${schema}.${name}`
      tables.set(key, await druid.metadata.columns(name, { schema }))
    }
  }
  return new Map([...tables].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function bodyOf(tables: ReadonlyMap<string, readonly TableColumn[]>): string {
  return `import type { TableRow } from '@druid/core'

/** Columns of each table by their SQL type, with a \`?\` where null may be. */
export interface Tables {
${[...tables].map(([name, columns]) => tableOf(name, columns)).join('')}}

/** A row of a table as a client gives it: \`Row<'flights', typeof druid>\`. */
export type Row<Name extends keyof Tables, Client> = TableRow<Tables[Name], Client>
`
}

function tableOf(name: string, columns: readonly TableColumn[]): string {
  const lines = columns.map((column) => `    ${keyOf(column.name)}: ${typeOf(column)}\n`)
  return `  ${keyOf(name)}: {\n${lines.join('')}  }\n`
}

function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : text(name)
}

function typeOf({ dataType, isNullable }: TableColumn): string {
  return text(`${arrayType(dataType)}${isNullable === false ? '' : '?'}`)
}

/** Of arrays the SQL name varies by version: `VARCHAR ARRAY`, `ARRAY<STRING>`. */
function arrayType(dataType: string): string {
  const [, element] = /^(\w+) ARRAY$/.exec(dataType) ?? []
  if (element === undefined) return dataType
  const native: Readonly<Record<string, string>> = { VARCHAR: 'STRING', BIGINT: 'LONG' }
  return `ARRAY<${native[element] ?? element}>`
}

/** In single quotes, as one line. */
function text(value: string): string {
  const inner = JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${inner.replace(/[\u2028\u2029]/g, (it) => `\\u${it.charCodeAt(0).toString(16)}`)}'`
}
