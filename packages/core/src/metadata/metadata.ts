import { DruidError, isDruidError } from '../error/error.ts'
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
 * each table the columns are read that the server's version has. Druid leaves out what the user may
 * not read; where it refuses a whole table, that is `FORBIDDEN`, with the permission that is missing.
 */
export interface Metadata {
  /** In the order of their names. */
  schemas(): Promise<Schema[]>
  /** Tables, views, lookups; of one schema, or of all. */
  tables(options?: { readonly schema?: string | undefined }): Promise<Table[]>
  /**
   * Columns of a table in their order; of the schema `druid` unless said otherwise.
   * @throws DruidError `NOT_FOUND` where there is no such table, or none that the user may read.
   */
  columns(table: string, options?: { readonly schema?: string | undefined }): Promise<TableColumn[]>
  /** Functions of SQL. */
  routines(): Promise<Routine[]>
  /** Segments as they come: there may be millions. */
  segments(options?: SegmentFilter): AsyncIterable<Segment>
  /** Services. @throws DruidError `FORBIDDEN` without the permission to read `STATE`. */
  servers(options?: { readonly serverType?: string | undefined }): Promise<Server[]>
  /** Which server has which segment, as they come. @throws DruidError as {@link servers}. */
  serverSegments(options?: { readonly server?: string | undefined }): AsyncIterable<ServerSegment>
  /** Tasks, the newest first. */
  tasks(options?: TaskFilter): Promise<Task[]>
  /** Supervisors. */
  supervisors(): Promise<Supervisor[]>
}

export interface SegmentFilter {
  readonly dataSource?: string | undefined
  /** Only those that queries see. Default: all. */
  readonly isActive?: boolean | undefined
}

export interface TaskFilter {
  readonly dataSource?: string | undefined
  readonly status?: Task['status'] | undefined
  /** At most so many. Default: all that Druid remembers. */
  readonly limit?: number | undefined
}

export function metadataOf(client: MetadataHost): Metadata {
  const tables = systemTables(client)
  return {
    schemas: () => tables.all(SCHEMATA, [], sql`ORDER BY "SCHEMA_NAME"`),
    tables: ({ schema } = {}) =>
      tables.all(
        TABLES,
        [equal('TABLE_SCHEMA', schema)],
        sql`ORDER BY "TABLE_SCHEMA", "TABLE_NAME"`,
      ),
    async columns(table, { schema = 'druid' } = {}) {
      const where = [equal('TABLE_SCHEMA', schema), equal('TABLE_NAME', table)]
      const columns = await tables.all(COLUMNS, where, sql`ORDER BY "ORDINAL_POSITION"`)
      if (columns.length > 0) return columns
      throw new DruidError(
        'NOT_FOUND',
        `metadata.columns: there is no table "${schema}"."${table}", or none that this user may read`,
      )
    },
    routines: () => tables.all(ROUTINES, [], sql`ORDER BY "ROUTINE_SCHEMA", "ROUTINE_NAME"`),
    segments: ({ dataSource, isActive } = {}) =>
      tables.stream(SEGMENTS, [
        equal('datasource', dataSource),
        isActive === undefined ? undefined : sql`"is_active" = ${isActive ? 1 : 0}`,
      ]),
    servers: ({ serverType } = {}) =>
      permitted('servers', tables.all(SERVERS, [equal('server_type', serverType)])),
    async *serverSegments({ server } = {}) {
      const found = tables.stream(SERVER_SEGMENTS, [equal('server', server)])
      const rows = found[Symbol.asyncIterator]()
      try {
        for (;;) {
          const step = await permitted('server_segments', rows.next())
          if (step.done) return
          yield step.value
        }
      } finally {
        await rows.return?.()
      }
    },
    tasks: ({ dataSource, status, limit } = {}) =>
      tables.all(
        TASKS,
        [equal('datasource', dataSource), equal('status', status)],
        sql`ORDER BY "created_time" DESC ${limit === undefined ? sql.empty : sql`LIMIT ${limit}`}`,
      ),
    supervisors: () => tables.all(SUPERVISORS, [], sql`ORDER BY "supervisor_id"`),
  }
}

function equal(column: string, value: string | undefined): UntypedStatement | undefined {
  return value === undefined ? undefined : sql`${sql.id(column)} = ${value}`
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
