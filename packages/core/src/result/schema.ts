import { DruidError, messageOf } from '../error/error.ts'
import type { Column } from './column.ts'
import { kindOf } from './convert.ts'
import type { AnyPolicy } from './policy.ts'
import type { RowObject } from './row-body.ts'

/** A schema of zod, valibot, ArkType or any other library that follows Standard Schema. */
export interface RowSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

/** What is wrong with a row, and where. */
export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** How a schema is used: once, against the columns of a result, or on each of its rows as well. */
export type SchemaUse = 'header' | 'rows'

/** Values that a column of some kind may hold; whichever a schema takes shows that it fits. */
const TEXTS = ['a', '', '0', 'a@example.com', 'https://example.com/', '127.0.0.1', 'en', 'EN']
const UUID = '00000000-0000-4000-8000-000000000000'
const TIME = '2000-01-01T00:00:00.000Z'
const NUMBERS = [1, 0, -1, 10, 1_000, 946_684_800_000]

/** Of every type of JavaScript: where only one of another type is taken, the schema does not fit. */
const PROBES: readonly unknown[] = ['a', TIME, 1, 1.5, true, 1n, new Date(0), ['a'], [1], {}]

/**
 * Throws `SCHEMA` where a schema cannot take the rows of a result with these columns: it asks for a
 * column that is not there, or for another type. Whether it takes their values, only rows can tell.
 */
export async function checkHeader(
  schema: RowSchema,
  columns: readonly Column[],
  policy: AnyPolicy,
  queryId: string,
): Promise<void> {
  const samples = columns.map((column) => [column, samplesOf(column, policy)] as const)
  const row = Object.fromEntries(samples.map(([{ key }, values]) => [key, values[0] ?? null]))
  const wrong: SchemaIssue[] = []
  for (const [key, issue] of byKey(await issuesOf(schema, row, queryId))) {
    const found = samples.find(([column]) => column.key === key)
    if (found === undefined) {
      wrong.push({ message: `there is no column "${key}"`, path: [key] })
      continue
    }
    const [column, values] = found
    const takes = async (value: unknown): Promise<boolean> => {
      const issues = await issuesOf(schema, { ...row, [key]: value }, queryId)
      return !byKey(issues).has(key)
    }
    // A sketch may be anything that a codec makes of it.
    if (values.length === 0 || (await some([...values, null], takes))) continue
    if (
      !(await some(
        PROBES.filter((it) => !isLike(it, values)),
        takes,
      ))
    )
      continue
    const type = column.sqlType ?? column.nativeType
    wrong.push({ message: `column "${key}" is ${type}: ${issue.message}`, path: [key] })
  }
  if (wrong.length > 0) throw schemaError(queryId, 'the columns of the result', wrong)
}

/** The rows as the schema gives them. Throws `SCHEMA` at the first that it does not take. */
export async function* checkedRows(
  batches: AsyncIterable<RowObject[]>,
  schema: RowSchema,
  queryId: string,
): AsyncGenerator<RowObject[], void, undefined> {
  let rows = 0
  for await (const batch of batches) {
    const checked: RowObject[] = []
    for (const row of batch) {
      const result = validated(schema, row, queryId)
      const { issues, value } = result instanceof Promise ? await result : result
      rows += 1
      if (issues !== undefined) {
        if (checked.length > 0) yield checked
        throw schemaError(queryId, `row ${rows}`, issues)
      }
      checked.push(value as RowObject)
    }
    yield checked
  }
}

const DOUBLES = [1.5, ...NUMBERS]
const JSON_VALUES: readonly unknown[] = [{ a: 1 }, {}, ['a'], [1], [], 'a', '', 1, 0, 1.5, true]

function samplesOf(column: Column, policy: AnyPolicy): readonly unknown[] {
  const { timestamp, multiValue } = policy
  switch (kindOf(column)) {
    case 'integer':
      return integers(policy)
    case 'double':
      return DOUBLES
    case 'time': {
      const ms = Date.parse(TIME)
      if (timestamp === 'string') return [TIME]
      if (timestamp === 'ms') return [ms, 0]
      return timestamp === 'date' ? [new Date(ms)] : []
    }
    case 'text':
      return [...TEXTS, UUID, TIME, ...(multiValue === 'array' ? [['a', 'b']] : [])]
    case 'array':
      return elementsOf(column, policy).flatMap((it) => [[it], [it, it]])
    case 'json':
      return JSON_VALUES
    case 'other':
      return column.sqlType === 'BOOLEAN' ? [true, false] : []
    default:
      return []
  }
}

function integers({ bigint }: AnyPolicy): readonly unknown[] {
  if (bigint === 'bigint') return NUMBERS.map(BigInt)
  return bigint === 'string' ? NUMBERS.map(String) : NUMBERS
}

function elementsOf({ nativeType }: Column, policy: AnyPolicy): readonly unknown[] {
  if (nativeType === 'ARRAY<STRING>') return TEXTS
  if (nativeType === 'ARRAY<LONG>') return integers(policy)
  return nativeType === 'ARRAY<DOUBLE>' || nativeType === 'ARRAY<FLOAT>' ? DOUBLES : []
}

/** Of the same type; arrays, of such elements. */
function isLike(value: unknown, samples: readonly unknown[]): boolean {
  return samples.some((it) => {
    if (Array.isArray(it) && Array.isArray(value)) return it.length === 0 || isLike(value[0], it)
    return typeof it === typeof value && Object(it).constructor === Object(value).constructor
  })
}

async function some(
  values: readonly unknown[],
  takes: (value: unknown) => Promise<boolean>,
): Promise<boolean> {
  for (const value of values) if (await takes(value)) return true
  return false
}

/** The first issue of each column. */
function byKey(issues: readonly SchemaIssue[]): Map<string, SchemaIssue> {
  const found = new Map<string, SchemaIssue>()
  for (const issue of issues) {
    const [first] = issue.path ?? []
    if (first === undefined) continue
    const key = String(typeof first === 'object' ? first.key : first)
    if (!found.has(key)) found.set(key, issue)
  }
  return found
}

async function issuesOf(
  schema: RowSchema,
  row: RowObject,
  queryId: string,
): Promise<readonly SchemaIssue[]> {
  return (await validated(schema, row, queryId)).issues ?? []
}

/** What a schema answered, seen to be that. */
interface Validated {
  readonly issues?: readonly SchemaIssue[] | undefined
  readonly value?: unknown
}

/** At once where the schema does: a promise for each row would cost more than the check. */
function validated(
  schema: RowSchema,
  row: RowObject,
  queryId: string,
): Validated | Promise<Validated> {
  try {
    const result: unknown = schema['~standard'].validate(row)
    return isThenable(result) ? validatedLater(result, queryId) : checkedResult(result)
  } catch (cause) {
    throw failure(queryId, cause)
  }
}

async function validatedLater(result: PromiseLike<unknown>, queryId: string): Promise<Validated> {
  try {
    return checkedResult(await result)
  } catch (cause) {
    throw failure(queryId, cause)
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | undefined)?.then === 'function'
}

/** Of some libraries it is an array with `issues`. */
function checkedResult(result: unknown): Validated {
  if (typeof result === 'object' && result !== null) {
    const { issues } = result as Validated
    if (issues === undefined ? 'value' in result : Array.isArray(issues) && issues.every(isIssue)) {
      return result
    }
  }
  throw new TypeError('it answered with neither { value } nor { issues: [{ message, path }] }')
}

function isIssue(issue: unknown): boolean {
  const { message, path } = Object(issue) as Partial<SchemaIssue>
  return typeof message === 'string' && (path === undefined || [...path].every(isStep))
}

function isStep(step: unknown): boolean {
  if (typeof step !== 'object') return step !== undefined
  return step !== null && 'key' in step
}

function failure(queryId: string, cause: unknown): DruidError<'SCHEMA'> {
  const why = `query ${queryId}: the schema failed: ${messageOf(cause)}`
  return new DruidError('SCHEMA', why, { queryId, issues: [], cause })
}

function schemaError(
  queryId: string,
  what: string,
  issues: readonly SchemaIssue[],
): DruidError<'SCHEMA'> {
  const said = issues.map(({ message, path }) => {
    const at = (path ?? []).map((it) => String(typeof it === 'object' ? it.key : it)).join('.')
    return at && !message.includes(`"${at}"`) ? `${at}: ${message}` : message
  })
  const why = `${what} do${what.startsWith('row') ? 'es' : ''} not fit the schema: ${said.join('; ')}`
  return new DruidError('SCHEMA', `query ${queryId}: ${why}`, { queryId, issues })
}
