import type { RequestOptions } from '../client/options.ts'
import { DruidError, isDruidError } from '../error/error.ts'
import { checkNames } from '../error/unknown-name.ts'
import { sql } from '../sql/sql.ts'
import type { UntypedStatement } from '../sql/statement.ts'
import { type MetadataHost, systemTables } from './system-table.ts'
import {
  COLUMNS,
  ROUTINES,
  type Routine,
  SCHEMATA,
  type Schema,
  SEGMENTS,
  SERVER_SEGMENTS,
  SERVERS,
  type Segment,
  type Server,
  type ServerSegment,
  SUPERVISORS,
  type Supervisor,
  TABLES,
  TASKS,
  type Table,
  type TableColumn,
  type Task,
} from './tables.ts'

/**
 * What there is in a Druid, read by SQL from `INFORMATION_SCHEMA` and `sys`: one URL is enough. Of
 * each table the columns are read that the server's version has; the first call of a method asks for
 * them first, and `timeout` is for each of the two queries. Druid leaves out what the user may not
 * read; where it refuses a whole table, that is `FORBIDDEN`, with the permission that is missing.
 * @throws DruidError `CONFIG` for an option that a method does not have, and what `query` throws.
 */
export interface Metadata {
  /** In the order of their names. */
  schemas(options?: RequestOptions): Promise<Schema[]>
  /** Tables, views, lookups; of some schemas, or of all. By schema and name. */
  tables(options?: SchemaFilter): Promise<Table[]>
  /**
   * Columns of a table in their order; of the schema `druid` unless said otherwise.
   * @throws DruidError `NOT_FOUND` where there is no such table, or none that the user may read.
   */
  columns(table: string, options?: TableOptions): Promise<TableColumn[]>
  /** Columns of all tables, of some schemas or of all, by one query. By schema, table and position. */
  columns(options?: SchemaFilter): Promise<TableColumn[]>
  /** Functions of SQL. By schema and name. */
  routines(options?: RequestOptions): Promise<Routine[]>
  /** Segments as they come: there may be millions. */
  segments(options?: SegmentFilter): AsyncIterable<Segment>
  /** Services. @throws DruidError `FORBIDDEN` without the permission to read `STATE`. */
  servers(options?: ServerFilter): Promise<Server[]>
  /** Which server has which segment, as they come. @throws DruidError as {@link servers}. */
  serverSegments(options?: ServerSegmentFilter): AsyncIterable<ServerSegment>
  /** Tasks, the newest first, as they come: Druid remembers those of a week. */
  tasks(options?: TaskFilter): AsyncIterable<Task>
  /** Supervisors. By id. */
  supervisors(options?: RequestOptions): Promise<Supervisor[]>
}

export interface SchemaFilter extends RequestOptions {
  /** One, or several. Default: all. One that is not there has no tables. */
  readonly schema?: string | readonly string[] | undefined
}

export interface TableOptions extends RequestOptions {
  /** Default `druid`. */
  readonly schema?: string | undefined
}

export interface SegmentFilter extends RequestOptions {
  readonly dataSource?: string | undefined
  /** Only those that queries see, or only others. Default: all. */
  readonly isActive?: boolean | undefined
}

export interface ServerFilter extends RequestOptions {
  /** As {@link Server.serverType}. */
  readonly serverType?: string | undefined
}

export interface ServerSegmentFilter extends RequestOptions {
  /** As {@link Server.server}. */
  readonly server?: string | undefined
}

export interface TaskFilter extends RequestOptions {
  readonly dataSource?: string | undefined
  readonly status?: Task['status'] | undefined
  /** At most so many. Default: all that Druid remembers. */
  readonly limit?: number | undefined
}

export function metadataOf(client: MetadataHost): Metadata {
  const tables = systemTables(client)

  async function columns(
    first: string | SchemaFilter = {},
    options: TableOptions = {},
  ): Promise<TableColumn[]> {
    if (typeof first !== 'string') {
      const { schema, ...request } = checked('columns', first, 'schema')
      const order = sql`ORDER BY "TABLE_SCHEMA", "TABLE_NAME", "ORDINAL_POSITION"`
      return tables.all(COLUMNS, request, [oneOf('TABLE_SCHEMA', schema)], order)
    }
    const { schema = 'druid', ...request } = checked('columns', options, 'schema')
    const where = [equal('TABLE_SCHEMA', schema), equal('TABLE_NAME', first)]
    const found = await tables.all(COLUMNS, request, where, sql`ORDER BY "ORDINAL_POSITION"`)
    if (found.length > 0) return found
    throw new DruidError(
      'NOT_FOUND',
      `metadata.columns: there is no table "${schema}"."${first}", or none that this user may read`,
    )
  }

  return {
    columns,
    async schemas(options = {}) {
      return tables.all(SCHEMATA, checked('schemas', options), [], sql`ORDER BY "SCHEMA_NAME"`)
    },
    async tables(options = {}) {
      const { schema, ...request } = checked('tables', options, 'schema')
      const order = sql`ORDER BY "TABLE_SCHEMA", "TABLE_NAME"`
      return tables.all(TABLES, request, [oneOf('TABLE_SCHEMA', schema)], order)
    },
    async routines(options = {}) {
      const order = sql`ORDER BY "ROUTINE_SCHEMA", "ROUTINE_NAME"`
      return tables.all(ROUTINES, checked('routines', options), [], order)
    },
    segments(options = {}) {
      const { dataSource, isActive, ...request } = checked(
        'segments',
        options,
        'dataSource',
        'isActive',
      )
      return tables.stream(SEGMENTS, request, [
        equal('datasource', dataSource),
        isActive === undefined ? undefined : sql`"is_active" = ${isActive ? 1 : 0}`,
      ])
    },
    async servers(options = {}) {
      const { serverType, ...request } = checked('servers', options, 'serverType')
      const where = [equal('server_type', serverType)]
      return permitted('servers', tables.all(SERVERS, request, where))
    },
    serverSegments(options = {}) {
      const { server, ...request } = checked('serverSegments', options, 'server')
      const rows = tables.stream(SERVER_SEGMENTS, request, [equal('server', server)])
      return permittedRows('server_segments', rows)
    },
    tasks(options = {}) {
      const { dataSource, status, limit, ...request } = checked(
        'tasks',
        options,
        'dataSource',
        'status',
        'limit',
      )
      const where = [equal('datasource', dataSource), equal('status', status)]
      const most = limit === undefined ? sql.empty : sql`LIMIT ${limit}`
      return tables.stream(TASKS, request, where, sql`ORDER BY "created_time" DESC ${most}`)
    },
    async supervisors(options = {}) {
      const order = sql`ORDER BY "supervisor_id"`
      return tables.all(SUPERVISORS, checked('supervisors', options), [], order)
    },
  }
}

/** The options of a method; throws `CONFIG` where it has no such one, which would ask for more. */
function checked<O extends RequestOptions>(
  method: string,
  options: O,
  ...filters: readonly (keyof O & string)[]
): O {
  checkNames(options, ['signal', 'headers', 'timeout', ...filters], `metadata.${method}`)
  return options
}

function equal(column: string, value: string | undefined): UntypedStatement | undefined {
  return value === undefined ? undefined : sql`${sql.id(column)} = ${value}`
}

function oneOf(
  column: string,
  value: string | readonly string[] | undefined,
): UntypedStatement | undefined {
  if (value === undefined || typeof value === 'string') return equal(column, value)
  const conditions = value.map((one) => sql`${sql.id(column)} = ${one}`)
  return conditions.length === 0 ? sql`FALSE` : sql`(${sql.join(conditions, ' OR ')})`
}

/** Druid refuses these tables as a whole to who may not read the state of the cluster. */
async function permitted<T>(table: string, rows: Promise<T>): Promise<T> {
  try {
    return await rows
  } catch (error) {
    if (!isDruidError(error, 'FORBIDDEN')) throw error
    const why = `metadata: sys.${table} is for users with the permission READ on STATE; ${error.message}`
    throw new DruidError('FORBIDDEN', why, { ...error, cause: error })
  }
}

async function* permittedRows<T>(
  table: string,
  source: AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  const rows = source[Symbol.asyncIterator]()
  try {
    for (;;) {
      const step = await permitted(table, rows.next())
      if (step.done) return
      yield step.value
    }
  } finally {
    await rows.return?.()
  }
}
