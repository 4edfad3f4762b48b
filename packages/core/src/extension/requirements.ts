import { DruidError, messageOf } from '../error/error.ts'
import { quoted } from '../error/quoted.ts'
import { isExtensionName } from './names.ts'
import type { Requirements } from './points.ts'

const COMPARISON = /^(>=|<=|>|<|=)?(\d+)(?:\.(\d+))?(?:\.(\d+))?$/

/** Throws a plain Error for what `requires` cannot be. */
export function checkRequirements(requires: Requirements): void {
  if (typeof requires !== 'object' || requires === null) {
    throw new Error('requires must be { extensions: [names], druid: ">=28" }')
  }
  for (const name of Object.keys(requires)) {
    if (name !== 'extensions' && name !== 'druid') {
      throw new Error(`requires has no ${quoted(name)}, only "extensions" and "druid"`)
    }
  }
  const { extensions, druid } = requires
  if (extensions !== undefined && !isNameList(extensions)) {
    throw new Error('requires.extensions must be a list of names of extensions')
  }
  if (druid === undefined) return
  const parts = typeof druid === 'string' ? druid.trim().split(/\s+/) : []
  if (parts.length === 0 || !parts.every((part) => COMPARISON.test(part))) {
    throw new Error(
      `requires.druid must be comparisons like ">=28 <35", not ${quoted(messageOf(druid))}`,
    )
  }
}

function isNameList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isExtensionName)
}

/** Throws `UNSUPPORTED` when this version of Druid does not fit. */
export function checkDruid(extension: string, range: string, version: string): void {
  if (versionFits(version, range)) return
  throw new DruidError(
    'UNSUPPORTED',
    `extension "${extension}" needs Druid ${range}, and the server has ${version}`,
  )
}

/**
 * Whether a version of Druid is in a range such as `>=28 <35`. One that is not of the form 33.0.0 (a
 * build of somebody's own) fits: nothing is known of it.
 */
export function versionFits(version: string, range: string): boolean {
  const actual = /^(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number)
  return actual === undefined || fits(actual, range)
}

/** Whether a version, as numbers, is in a range such as `>=28 <35`. */
export function fits(actual: readonly number[], range: string): boolean {
  return range
    .trim()
    .split(/\s+/)
    .every((part) => {
      const [, operator = '=', ...numbers] = COMPARISON.exec(part) ?? []
      const wanted = numbers.filter((it) => it !== undefined).map(Number)
      // As many numbers as the comparison says: 33.0.1 is "=33", and not ">33".
      const difference = wanted.map((number, i) => (actual[i] ?? 0) - number).find((it) => it !== 0)
      const order = Math.sign(difference ?? 0)
      if (operator === '>=') return order >= 0
      if (operator === '<=') return order <= 0
      if (operator === '>') return order > 0
      if (operator === '<') return order < 0
      return order === 0
    })
}
