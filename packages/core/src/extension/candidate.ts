import { DruidError, messageOf } from '../error/error.ts'
import { quoted } from '../error/quoted.ts'
import type { AnyExtension } from './definition.ts'
import type { ExtensionPackage } from './report.ts'

/** Where an extension to be registered came from. */
export interface Origin {
  readonly source: 'explicit' | 'discovered'
  readonly package?: ExtensionPackage
  /** Whether the application itself chose it: listed, or allowed by name. */
  readonly trusted: boolean
  /** What was noticed on the way. */
  readonly warnings?: readonly string[] | undefined
  /** Milliseconds that importing took. */
  readonly ms: number
}

/** An extension to be registered. Its object was read once: a getter may throw, or change its mind. */
export interface Candidate extends Origin {
  /** As it was handed over, to be compared only. */
  readonly extension: unknown
  /** Its name, or what stands there instead in angle brackets. */
  readonly name: string
  readonly apiVersion: unknown
  readonly registerClient: unknown
  readonly options: unknown
  /** Why it cannot be registered. */
  readonly problem?: ExtensionProblem
}

export interface ExtensionProblem {
  readonly why: string
  readonly cause?: unknown
}

export function candidate(extension: unknown, origin: Origin): Candidate {
  const unread = { extension, apiVersion: undefined, registerClient: undefined, options: undefined }
  try {
    if (!isObject(extension)) {
      const name = `<${extension === null ? 'null' : typeof extension}>`
      const why = 'this is no extension; is the import right?'
      return { ...origin, ...unread, name, problem: { why } }
    }
    const { name, registerClient } = extension
    const apiVersion: unknown = extension['~druid']?.apiVersion
    const options = extension['~options']
    const known = typeof name === 'string' ? name : `<${typeof name}>`
    return { ...origin, extension, name: known, apiVersion, registerClient, options }
  } catch (cause) {
    const why = `it cannot be read: ${messageOf(cause)}`
    return { ...origin, ...unread, name: '<unreadable>', problem: { why, cause } }
  }
}

function isObject(value: unknown): value is Partial<AnyExtension> {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

/**
 * The very same extension again is no fault. A discovered one is left out where one of its name is
 * listed, also if that fails: the types promise the listed one.
 */
export function withoutShadowed(
  all: readonly Candidate[],
  leave: (candidate: Candidate, facts: { readonly status: 'shadowed' }) => void,
): Candidate[] {
  const seen = new Set<unknown>()
  const listed = new Set<string>()
  return all.filter((candidate) => {
    const { extension, name, source, problem } = candidate
    if (problem === undefined && seen.has(extension)) return false
    seen.add(extension)
    if (source === 'explicit') listed.add(name)
    else if (listed.has(name)) {
      leave(candidate, { status: 'shadowed' })
      return false
    }
    return true
  })
}

/** The error of an extension, naming it and its package. */
export function extensionError(
  { name, package: from }: Pick<Candidate, 'name' | 'package'>,
  why: string,
  cause?: unknown,
): DruidError<'EXTENSION'> {
  const where = from ? ` (${from.name} ${from.version}, ${from.path})` : ''
  return new DruidError('EXTENSION', `extension ${quoted(name)}${where}: ${why}`, {
    extension: name,
    cause,
  })
}

/**
 * Whether this very copy of the library made the error. One that only looks so may be anything, also
 * what throws when it is read.
 */
export function isOwnError(thrown: unknown): thrown is DruidError<'EXTENSION'> {
  return thrown instanceof DruidError && thrown.code === 'EXTENSION'
}

/** What was thrown, as the extension's error. */
export function asExtensionError(from: Candidate, thrown: unknown): DruidError<'EXTENSION'> {
  return isOwnError(thrown) ? thrown : extensionError(from, messageOf(thrown), thrown)
}

/** For messages on whose name a new one stumbles. */
export function described({ name, package: from, source }: Candidate): string {
  return from
    ? `extension ${quoted(name)} of ${from.name} ${from.version} (${from.path})`
    : `${source === 'explicit' ? 'the listed ' : ''}extension ${quoted(name)}`
}
