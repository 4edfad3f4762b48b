import { connect, type DruidClient, DruidError } from '@druid/core'
import { type Command, InvalidArgumentError } from 'commander'
import { put, type WriteOptions, withOutput } from './ext/generated.ts'
import { type TypedColumn, tableColumns } from './table-columns.ts'

interface RowTypesOptions extends WriteOptions {
  readonly url?: string
  readonly schema?: readonly string[]
}

type Tables = ReadonlyMap<string, readonly TypedColumn[]>

const FILE = 'src/druid-tables.ts'
/** What is read unless others are asked for: data sources, and views where a Druid has some. */
const STANDARD = ['druid', 'view']

/** `druid types`: the types of rows, from the tables that a Druid has. */
export function addRowTypes(druid: Command): void {
  const command = druid
    .command('types')
    .description('write the types of rows of the tables and views of a Druid')
    .option('--url <url>', 'of a Router or Broker (default: DRUID_URL)')
    .option(
      '--schema <name...>',
      'schemas to read: druid has the data sources (default: druid view)',
    )
    .addHelpText(
      'after',
      '\nCredentials: DRUID_USER and DRUID_PASSWORD, or DRUID_TOKEN; or in the URL.' +
        '\nWhere the user may read no table, nothing is written but with --force.',
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
  const file = options.out ?? FILE
  const schemas = (options.schema ?? STANDARD).join(', ')
  if (tables.size === 0 && !options.force) {
    throw new DruidError(
      'NOT_FOUND',
      `there is no table in ${schemas} that this user may read, so ${file} was not written; --force writes it without any`,
    )
  }
  await put(
    {
      file,
      by: 'druid types',
      from: `the tables of ${schemas}`,
      source: [...tables],
      body: bodyOf(tables),
    },
    options,
  )
}

/** @throws DruidError `NOT_FOUND` for a schema that was asked for and is not there. */
async function tablesOf(
  druid: DruidClient,
  schemas: readonly string[] | undefined,
): Promise<Tables> {
  if (schemas === undefined) return tableColumns(druid, STANDARD)
  const there = (await druid.metadata.schemas()).map(({ name }) => name)
  const missing = schemas.filter((schema) => !there.includes(schema))
  if (missing.length === 0) return tableColumns(druid, schemas)
  const names = missing.map((name) => JSON.stringify(name)).join(', ')
  throw new DruidError('NOT_FOUND', `there is no schema ${names}; there are ${there.join(', ')}`)
}

function bodyOf(tables: Tables): string {
  return `import type { TableRow } from '@druid/core'

/** Columns of each table by their SQL type, with a \`?\` where null may be. */
export interface Tables {
${[...tables].map(([name, columns]) => tableOf(name, columns)).join('')}}

/** A row of a table as a client gives it: \`Row<'flights', typeof druid>\`. */
export type Row<Name extends keyof Tables, Client> = TableRow<Tables[Name], Client>
`
}

function tableOf(name: string, columns: readonly TypedColumn[]): string {
  const lines = columns.map((column) => `    ${keyOf(column.name)}: ${typeOf(column)}\n`)
  return `  ${keyOf(name)}: {\n${lines.join('')}  }\n`
}

function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : text(name)
}

function typeOf({ type, isNullable }: TypedColumn): string {
  return text(`${type}${isNullable ? '?' : ''}`)
}

/** In single quotes, as one line. */
function text(value: string): string {
  const inner = JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${inner.replace(/[\u2028\u2029]/g, (it) => `\\u${it.charCodeAt(0).toString(16)}`)}'`
}
