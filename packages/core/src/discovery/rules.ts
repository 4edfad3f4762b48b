import { isRecord } from '../error/record.ts'
import type { Manifest } from './manifest.ts'

/** Which packages may be loaded. Patterns are package names, or `@acme/*`. */
export interface Rules {
  permits(packageName: string): boolean
  /** Whether an allow list chose it by name, or its scope: `*` alone chooses nothing. */
  chosen(packageName: string): boolean
}

interface Lists {
  readonly allow: readonly string[] | undefined
  readonly deny: readonly string[]
}

/** What a caller may say beside the manifest. */
export interface RuleOptions {
  readonly allow?: readonly string[] | undefined
  readonly deny?: readonly string[] | undefined
}

/**
 * The rules of the manifest's `"druid": { "extensions": { "allow": […], "deny": […] } }` and of the
 * options together: who is denied by either is denied, and each allow list must permit. Throws for
 * anything malformed: a list that is not understood must not be taken for "no list".
 */
export function rulesOf(manifest: Manifest, options: RuleOptions): Rules {
  const where = 'druid.extensions'
  const druid = section(manifest.druid, 'druid')
  const lists = [listsOf(section(druid.extensions, where), where), listsOf(options, 'discover')]
  const denied = (name: string): boolean => lists.some(({ deny }) => fitsAny(name, deny))
  return {
    permits: (name) =>
      !denied(name) && lists.every(({ allow }) => allow === undefined || fitsAny(name, allow)),
    chosen: (name) =>
      lists.some(({ allow }) =>
        fitsAny(
          name,
          (allow ?? []).filter((pattern) => pattern !== '*'),
        ),
      ),
  }
}

function section(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (value === undefined) return {}
  if (isRecord(value)) return value
  throw new Error(`"${where}" of package.json must be an object`)
}

function listsOf(rules: object, where: string): Lists {
  const { allow, deny, ...rest } = rules as Record<string, unknown>
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined)
    throw new Error(`"${where}" has no "${unknown}", only "allow" and "deny"`)
  return {
    allow: patterns(allow, `"${where}.allow"`),
    deny: patterns(deny, `"${where}.deny"`) ?? [],
  }
}

function patterns(list: unknown, where: string): string[] | undefined {
  if (list === undefined) return undefined
  if (!Array.isArray(list) || !list.every((it) => typeof it === 'string')) {
    throw new Error(`${where} must be a list of package names`)
  }
  for (const pattern of list as string[]) {
    const star = pattern.indexOf('*')
    if (pattern === '' || (star >= 0 && star < pattern.length - 1)) {
      throw new Error(`${where}: "${pattern}" is no pattern; only a last * stands for anything`)
    }
  }
  return [...list]
}

function fitsAny(name: string, list: readonly string[]): boolean {
  return list.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  )
}
