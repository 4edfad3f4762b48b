import { DruidError, isDruidError, messageOf } from '../error/error.ts'
import type { AnyExtension } from './definition.ts'
import { isExtensionName } from './names.ts'
import type { ExtensionPackage } from './report.ts'

/** Where an extension to be registered came from. */
export interface Origin {
  readonly source: 'explicit' | 'discovered'
  readonly package?: ExtensionPackage
  /** Whether the application itself chose it: listed, or allowed by name. */
  readonly trusted: boolean
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

/** The error of an extension, naming it and its package. */
export function extensionError(
  { name, package: from }: Pick<Candidate, 'name' | 'package'>,
  why: string,
  cause?: unknown,
): DruidError<'EXTENSION'> {
  const where = from ? ` (${from.name} ${from.version}, ${from.path})` : ''
  return new DruidError('EXTENSION', `extension ${shown(name)}${where}: ${why}`, {
    extension: name,
    cause,
  })
}

/** What was thrown, as the extension's error. */
export function asExtensionError(from: Candidate, thrown: unknown): DruidError<'EXTENSION'> {
  return isDruidError(thrown, 'EXTENSION')
    ? thrown
    : extensionError(from, messageOf(thrown), thrown)
}

/** For messages on whose name a new one stumbles. */
export function described({ name, package: from, source }: Candidate): string {
  return from
    ? `extension ${shown(name)} of ${from.name} ${from.version} (${from.path})`
    : `${source === 'explicit' ? 'the listed ' : ''}extension ${shown(name)}`
}

/** A name that is none may be of any length and hold anything. */
function shown(name: string): string {
  if (isExtensionName(name) && name.length <= 60) return `"${name}"`
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name)
}
