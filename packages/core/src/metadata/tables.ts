/** The system tables that Druid documents, and what is made of their rows. */
import { type Fields, flag, json, number, type SystemTable, text } from './system-table.ts'

/** A schema: `druid`, `lookup`, `view`, `sys`, `INFORMATION_SCHEMA`, `ext`. */
export interface Schema {
  readonly name: string
}

/** A table, of `INFORMATION_SCHEMA.TABLES`. */
export interface Table {
  readonly schema: string
  readonly name: string
  readonly type: 'TABLE' | 'VIEW' | 'SYSTEM_TABLE'
  /** Whether it can be on the right side of a join: a lookup, a broadcast table. */
  readonly isJoinable: boolean | null
  readonly isBroadcast: boolean | null
}

/** A column of a table, of `INFORMATION_SCHEMA.COLUMNS`. */
export interface TableColumn {
  readonly schema: string
  readonly table: string
  readonly name: string
  /** From 1. */
  readonly position: number
  /**
   * SQL type, e.g. `VARCHAR`, `BIGINT`, `TIMESTAMP`, `COMPLEX<json>`. `ARRAY` of every array: what it is
   * of tells the header of a query, also with `LIMIT 0` (`columns` of a result, `ARRAY<STRING>`). A
   * string with several values is a `VARCHAR`.
   */
  readonly dataType: string
  readonly isNullable: boolean | null
  /** As in `java.sql.Types`. */
  readonly jdbcType: number
}

/** A function of SQL, of `INFORMATION_SCHEMA.ROUTINES`. */
export interface Routine {
  readonly schema: string
  readonly name: string
  readonly type: string
  readonly isAggregator: boolean | null
  /** How it is called, several in one text; `null` where Druid does not say. */
  readonly signatures: string | null
}

/** A segment, of `sys.segments`. Numbers of a realtime segment lag behind. */
export interface Segment {
  readonly segmentId: string
  readonly dataSource: string
  /** ISO 8601. */
  readonly start: string
  readonly end: string
  /** Bytes. */
  readonly size: number
  readonly version: string
  readonly partitionNum: number
  readonly numReplicas: number
  readonly numRows: number
  /** Published and not overshadowed, or realtime: what queries see. */
  readonly isActive: boolean
  readonly isPublished: boolean
  readonly isAvailable: boolean
  readonly isRealtime: boolean
  readonly isOvershadowed: boolean
  readonly shardSpec: unknown
  readonly dimensions: readonly string[] | null
  readonly metrics: readonly string[] | null
  readonly lastCompactionState: unknown
  /** Replicas that the rules ask for; -1 where not known yet. */
  readonly replicationFactor?: number | null
  /** Since Druid 37. */
  readonly projections?: unknown
}

/** A service, of `sys.servers`. */
export interface Server {
  /** `host:port`, as the cluster knows it. */
  readonly server: string
  readonly host: string
  /** -1: none. */
  readonly plaintextPort: number
  readonly tlsPort: number
  /** `coordinator`, `overlord`, `broker`, `router`, `historical`, `middle_manager`, `indexer`, `peon`. */
  readonly serverType: string
  readonly tier: string | null
  /** Bytes of segments. */
  readonly currSize: number
  readonly maxSize: number
  /** `null` for roles without a leader. */
  readonly isLeader: boolean | null
  /** ISO 8601. */
  readonly startTime?: string
  /** Since Druid 35. */
  readonly version?: string | null
  /** Since Druid 35. */
  readonly labels?: unknown
  /** Bytes; since Druid 37. */
  readonly storageSize?: number | null
}

/** Which server has which segment, of `sys.server_segments`. */
export interface ServerSegment {
  readonly server: string
  readonly segmentId: string
}

/** A task, of `sys.tasks`. */
export interface Task {
  readonly taskId: string
  readonly groupId: string
  readonly type: string
  readonly dataSource: string
  /** ISO 8601. */
  readonly createdTime: string
  readonly queueInsertionTime: string
  readonly status: 'RUNNING' | 'SUCCESS' | 'FAILED'
  /** Of a running task: `WAITING`, `PENDING`, `RUNNING`. */
  readonly runnerStatus: string
  /** Milliseconds; -1 while it runs. */
  readonly duration: number
  readonly location: string | null
  readonly host: string | null
  readonly plaintextPort: number
  readonly tlsPort: number
  readonly errorMsg: string | null
}

/** A supervisor, of `sys.supervisors`. */
export interface Supervisor {
  readonly supervisorId: string
  /** In newer versions. */
  readonly dataSource?: string | null
  /** `PENDING`, `RUNNING`, `IDLE`, `SUSPENDED`, `STOPPING`, `UNHEALTHY_SUPERVISOR`, `UNHEALTHY_TASKS`. */
  readonly state: string
  /** The same, or more of it, such as `UNABLE_TO_CONNECT_TO_STREAM`. */
  readonly detailedState: string
  readonly healthy: boolean
  /** `kafka`, `kinesis`, `noop` … */
  readonly type: string
  /** The topic or stream that it reads. */
  readonly source: string | null
  readonly suspended: boolean
  /** As it was submitted, with what Druid adds. */
  readonly spec: unknown
}

export const SCHEMATA: SystemTable<Schema> = {
  schema: 'INFORMATION_SCHEMA',
  table: 'SCHEMATA',
  fields: { name: text('SCHEMA_NAME') },
}

export const TABLES: SystemTable<Table> = {
  schema: 'INFORMATION_SCHEMA',
  table: 'TABLES',
  fields: {
    schema: text('TABLE_SCHEMA'),
    name: text('TABLE_NAME'),
    type: text('TABLE_TYPE'),
    isJoinable: flag('IS_JOINABLE'),
    isBroadcast: flag('IS_BROADCAST'),
  },
}

export const COLUMNS: SystemTable<TableColumn> = {
  schema: 'INFORMATION_SCHEMA',
  table: 'COLUMNS',
  fields: {
    schema: text('TABLE_SCHEMA'),
    table: text('TABLE_NAME'),
    name: text('COLUMN_NAME'),
    position: number('ORDINAL_POSITION'),
    dataType: text('DATA_TYPE'),
    isNullable: flag('IS_NULLABLE'),
    jdbcType: number('JDBC_TYPE'),
  },
}

export const ROUTINES: SystemTable<Routine> = {
  schema: 'INFORMATION_SCHEMA',
  table: 'ROUTINES',
  fields: {
    schema: text('ROUTINE_SCHEMA'),
    name: text('ROUTINE_NAME'),
    type: text('ROUTINE_TYPE'),
    isAggregator: flag('IS_AGGREGATOR'),
    signatures: text('SIGNATURES'),
  },
}

const segment: Fields<Segment> = {
  segmentId: text('segment_id'),
  dataSource: text('datasource'),
  start: text('start'),
  end: text('end'),
  size: number('size'),
  version: text('version'),
  partitionNum: number('partition_num'),
  numReplicas: number('num_replicas'),
  numRows: number('num_rows'),
  isActive: flag('is_active'),
  isPublished: flag('is_published'),
  isAvailable: flag('is_available'),
  isRealtime: flag('is_realtime'),
  isOvershadowed: flag('is_overshadowed'),
  shardSpec: json('shard_spec'),
  dimensions: json('dimensions'),
  metrics: json('metrics'),
  lastCompactionState: json('last_compaction_state'),
  replicationFactor: number('replication_factor'),
  projections: json('projections'),
}
export const SEGMENTS: SystemTable<Segment> = { schema: 'sys', table: 'segments', fields: segment }

export const SERVERS: SystemTable<Server> = {
  schema: 'sys',
  table: 'servers',
  fields: {
    server: text('server'),
    host: text('host'),
    plaintextPort: number('plaintext_port'),
    tlsPort: number('tls_port'),
    serverType: text('server_type'),
    tier: text('tier'),
    currSize: number('curr_size'),
    maxSize: number('max_size'),
    isLeader: flag('is_leader'),
    startTime: text('start_time'),
    version: text('version'),
    labels: json('labels'),
    storageSize: number('storage_size'),
  },
}

export const SERVER_SEGMENTS: SystemTable<ServerSegment> = {
  schema: 'sys',
  table: 'server_segments',
  fields: { server: text('server'), segmentId: text('segment_id') },
}

export const TASKS: SystemTable<Task> = {
  schema: 'sys',
  table: 'tasks',
  fields: {
    taskId: text('task_id'),
    groupId: text('group_id'),
    type: text('type'),
    dataSource: text('datasource'),
    createdTime: text('created_time'),
    queueInsertionTime: text('queue_insertion_time'),
    status: text('status'),
    runnerStatus: text('runner_status'),
    duration: number('duration'),
    location: text('location'),
    host: text('host'),
    plaintextPort: number('plaintext_port'),
    tlsPort: number('tls_port'),
    errorMsg: text('error_msg'),
  },
}

export const SUPERVISORS: SystemTable<Supervisor> = {
  schema: 'sys',
  table: 'supervisors',
  fields: {
    supervisorId: text('supervisor_id'),
    dataSource: text('datasource'),
    state: text('state'),
    detailedState: text('detailed_state'),
    healthy: flag('healthy'),
    type: text('type'),
    source: text('source'),
    suspended: flag('suspended'),
    spec: json('spec'),
  },
}
