import { DruidError } from '../error/error.ts'
import type { QueryContext } from './context.ts'

/** What `SET` takes. */
type SettingValue = string | number | bigint | boolean | undefined

/** The keys of the query context that `SET` takes: those that are no lists or objects. */
export type SqlSettings = {
  readonly [K in keyof QueryContext as QueryContext[K] extends SettingValue
    ? K
    : never]?: QueryContext[K]
}

/** `SET a = 'x'; SET b = 1; `: before a statement, from Druid 34 on. */
export function settingsText(settings: Readonly<Record<string, unknown>>): string {
  return Object.entries(settings)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `SET ${nameText(name)} = ${valueText(name, value)}; `)
    .join('')
}

function nameText(name: string): string {
  if (/^[A-Za-z_]\w*$/.test(name)) return name
  throw refusal(`${JSON.stringify(name)} is no key of a query context`)
}

/** Literals: Druid takes no parameters here. */
function valueText(name: string, value: unknown): string {
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value === 'number' && Number.isFinite(value)) return numberText(value)
  if (typeof value === 'string' && !/\p{Control}|\p{Surrogate}/u.test(value)) {
    return `'${value.replaceAll("'", "''")}'`
  }
  throw refusal(`the value of ${name} must be a text of one line, a finite number or a boolean`)
}

function numberText(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : value.toExponential().replace('e', 'E')
}

function refusal(why: string): DruidError {
  return new DruidError('INVALID_INPUT', `sql.set: ${why}`)
}
