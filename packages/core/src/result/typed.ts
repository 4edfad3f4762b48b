/** What the policy for values does to the types of rows. */
import type { AnyPolicy } from './policy.ts'

/** A policy with every choice made; the defaults are those of {@link ValuesPolicy}. */
export interface DefaultPolicy {
  readonly bigint: 'safe'
  readonly timestamp: 'string'
  readonly multiValue: 'string'
  readonly keys: 'name'
}

/** The policy that the option `values` makes of another one. */
export type PolicyOf<V, Base extends AnyPolicy = DefaultPolicy> = {
  readonly [K in keyof AnyPolicy]: V extends { readonly [P in K]: infer C extends AnyPolicy[K] }
    ? C
    : Base[K]
}

interface BigintTypes {
  readonly safe: number
  readonly auto: number | bigint
  readonly bigint: bigint
  readonly string: string
  readonly number: number
}

interface TimestampTypes {
  readonly string: string
  readonly date: Date
  readonly ms: number
  readonly temporal: TemporalInstant
}

/** `Temporal.Instant`, where the types of the platform have it. */
export type TemporalInstant = typeof globalThis extends {
  readonly Temporal: { readonly Instant: { readonly prototype: infer I } }
}
  ? I
  : { readonly epochMilliseconds: number; toString(): string }

/** What BIGINT becomes. */
export type BigintOf<P extends AnyPolicy> = BigintTypes[P['bigint']]
/** What TIMESTAMP and DATE become. */
export type TimestampOf<P extends AnyPolicy> = TimestampTypes[P['timestamp']]

/** What a column can hold in a row, under a policy. */
export type ValueOf<P extends AnyPolicy> =
  | string
  | number
  | boolean
  | null
  | BigintOf<P>
  | TimestampOf<P>
  | readonly ValueOf<P>[]
  | { readonly [key: string]: ValueOf<P> }

/** A row of a statement that claims no type. */
export type PolicyRow<P extends AnyPolicy> = { [column: string]: ValueOf<P> }

type KeyedRow<R, P extends AnyPolicy> = P extends { readonly keys: 'camelCase' }
  ? { [K in keyof R as K extends string ? CamelKey<K> : K]: R[K] }
  : R

/** `page_name` → `pageName`, `__time` → `__time`: what `keys: 'camelCase'` makes of a name. */
export type CamelKey<K extends string> = K extends `_${infer Rest}`
  ? `_${CamelKey<Rest>}`
  : Camel<K>

type Camel<K extends string> = K extends `${infer Head}_${infer Tail}`
  ? Tail extends ''
    ? K
    : `${Head}${Capitalize<Camel<Tail>>}`
  : K

/** What one column of a row becomes, by its Druid type as `druid types` writes it. */
export type ColumnValue<Type extends string, P extends AnyPolicy> = Type extends `${infer T}?`
  ? ColumnValue<T, P> | null
  : Type extends 'BIGINT' | 'INTEGER' | 'SMALLINT' | 'TINYINT'
    ? BigintOf<P>
    : Type extends 'TIMESTAMP' | 'DATE'
      ? TimestampOf<P>
      : Type extends 'DOUBLE' | 'FLOAT' | 'REAL' | 'DECIMAL'
        ? number
        : Type extends 'BOOLEAN'
          ? boolean
          : Type extends `ARRAY<${infer Element}>`
            ? readonly (ColumnValue<NativeType<Element>, P> | null)[]
            : Type extends 'VARCHAR' | 'CHAR'
              ? P extends { readonly multiValue: 'array' }
                ? string | readonly (string | null)[]
                : string
              : Type extends 'COMPLEX<json>'
                ? ValueOf<P>
                : unknown

type NativeType<T extends string> = T extends 'STRING' ? 'VARCHAR' : T extends 'LONG' ? 'BIGINT' : T

/**
 * A row of a table as a client gives it: `TableRow<Tables['flights'], typeof druid>`. The table is as
 * `druid types` writes it: `{ __time: 'TIMESTAMP'; n: 'BIGINT?' }`.
 */
export type TableRow<Table, Client> = Client extends { readonly '~values'?: infer V }
  ? Exclude<V, undefined> extends infer P extends AnyPolicy
    ? KeyedRow<{ [K in keyof Table]: ColumnValue<Table[K] & string, P> }, P>
    : never
  : never
