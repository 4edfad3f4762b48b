import type { Custom } from './custom.ts'

/** A value to compare with, or of a row. A bigint is sent with all its digits. */
export type LiteralValue = string | number | bigint | boolean | null | readonly LiteralValue[]

/** A type of Druid's own. */
export type ColumnType =
  | 'STRING'
  | 'LONG'
  | 'DOUBLE'
  | 'FLOAT'
  | `ARRAY<${string}>`
  | `COMPLEX<${string}>`

/** How values are compared. `natural` since Druid 28. */
export type Ordering =
  | 'lexicographic'
  | 'alphanumeric'
  | 'numeric'
  | 'strlen'
  | 'version'
  | 'natural'

/** The member of an open interface, or what it does not know. */
export type OneOf<Kinds> = Kinds[keyof Kinds] | (Custom & { readonly type: string })
