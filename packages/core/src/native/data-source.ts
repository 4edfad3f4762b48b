import type { Filter } from './filter.ts'
import type { CustomQuery, NativeQuery } from './query.ts'
import type { ColumnType, LiteralValue, OneOf } from './value.ts'
import type { VirtualColumn } from './virtual-column.ts'

/** A table; its name alone says the same. */
export interface TableDataSource {
  /** Also what has no type is one. */
  readonly type?: 'table' | undefined
  readonly name: string
}

/** A table that every data server has. */
export interface GlobalTableDataSource {
  readonly type: 'globalTable'
  readonly name: string
}

/** Several tables one after the other. */
export interface UnionDataSource {
  readonly type: 'union'
  readonly dataSources: readonly (string | TableDataSource)[]
}

/** Rows within the query. */
export interface InlineDataSource {
  readonly type: 'inline'
  readonly columnNames: readonly string[]
  /** Default: found from the rows. */
  readonly columnTypes?: readonly (ColumnType | null)[] | undefined
  readonly rows: readonly (readonly LiteralValue[])[]
}

/** A lookup of the cluster: columns `k` and `v`. */
export interface LookupDataSource {
  readonly type: 'lookup'
  readonly lookup: string
}

/** What another query gives. */
export interface QueryDataSource {
  readonly type: 'query'
  readonly query: NativeQuery | CustomQuery
}

/** Two joined; the right one is held by the Broker. */
export interface JoinDataSource {
  readonly type: 'join'
  readonly left: DataSource
  readonly right: DataSource
  /** What the names of the right side's columns begin with, e.g. `r.`. */
  readonly rightPrefix: string
  /** A native expression: equalities of left and right columns, e.g. `origin == "r.iata"`. */
  readonly condition: string
  readonly joinType: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL'
  /** Of the left side, where that is a table. */
  readonly leftFilter?: Filter | undefined
  /** Since Druid 33 at the latest. */
  readonly joinAlgorithm?: 'broadcast' | 'sortMerge' | undefined
}

/** A row for every element of an array or multi-value dimension. */
export interface UnnestDataSource {
  readonly type: 'unnest'
  readonly base: DataSource
  /** The new column, and what it is made of. */
  readonly virtualColumn: VirtualColumn
  readonly unnestFilter?: Filter | undefined
}

/** Those rows that a filter lets pass. Since Druid 28. */
export interface FilteredDataSource {
  readonly type: 'filter'
  readonly base: DataSource
  readonly filter: Filter
}

/** Data sources by `type`; an extension's are added by augmentation. */
export interface DataSources {
  table: TableDataSource
  globalTable: GlobalTableDataSource
  union: UnionDataSource
  inline: InlineDataSource
  lookup: LookupDataSource
  query: QueryDataSource
  join: JoinDataSource
  unnest: UnnestDataSource
  filter: FilteredDataSource
}

/**
 * What a query reads: the name of a table, or a spec.
 * See https://druid.apache.org/docs/latest/querying/datasource
 */
export type DataSource = string | OneOf<DataSources>
