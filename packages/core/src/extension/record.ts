import { DruidError, isDruidError, messageOf } from '../error/error.ts'
import { checkNames } from '../error/unknown-name.ts'
import {
  type AnyExtension,
  type ClientClass,
  type ClusterClass,
  EXTENSION_API,
  type MethodClass,
  type Registration,
  type RegistrationContext,
  type RoleClass,
} from './definition.ts'
import type { ClusterHost } from './host.ts'
import { isClusterMethodName, isExtensionName, isRoleName, nameOfPackage } from './names.ts'
import type { ExtensionPackage } from './report.ts'

/** An extension to be registered, and where it came from. */
export interface Candidate {
  readonly extension: AnyExtension
  readonly source: 'explicit' | 'discovered'
  readonly package?: ExtensionPackage
  /** Whether the application itself chose it: listed, or allowed by name. */
  readonly trusted: boolean
  /** Time that importing took. */
  readonly ms: number
}

/** What an extension said of itself, checked. */
export interface Recorded {
  readonly summary: string
  readonly client: ClientClass<unknown, never> | undefined
  readonly roles: ReadonlyMap<string, RoleClass<unknown, never>>
  readonly clusterMethods: ReadonlyMap<string, MethodClass<unknown, never>>
  readonly cluster: ClusterClass<ClusterHost> | undefined
}

const FIELDS = ['summary', 'client', 'roles', 'clusterMethods', 'cluster'] as const
type Field = (typeof FIELDS)[number]
const MEMBERS = [...FIELDS, 'apiVersion', 'name', 'package', 'options', 'define']

/** The error of an extension, naming it and its package. */
export function extensionError(
  candidate: Pick<Candidate, 'extension' | 'package'>,
  why: string,
  cause?: unknown,
): DruidError<'EXTENSION'> {
  const name = String(candidate.extension?.name)
  const from = candidate.package
  const where = from ? ` (${from.name} ${from.version}, ${from.path})` : ''
  return new DruidError('EXTENSION', `extension "${name}"${where}: ${why}`, {
    extension: name,
    cause,
  })
}

/**
 * Runs `registerClient` on a context that only writes down, and checks what it wrote. Whatever goes
 * wrong is thrown as `EXTENSION`; nothing shared was touched by then.
 */
export function record(candidate: Candidate, options: unknown): Recorded {
  const { extension } = candidate
  if (!isExtensionName(extension.name)) {
    throw extensionError(candidate, 'its name must be lower-case words joined by single dashes')
  }
  const built = extension['~druid']?.apiVersion
  if (!Number.isInteger(built) || built < 1 || built > EXTENSION_API) {
    throw extensionError(
      candidate,
      `it was built for extension API ${built}, and this version of @druid/core offers ${EXTENSION_API}; update the older of the two`,
    )
  }
  if (typeof extension.registerClient !== 'function') {
    throw extensionError(candidate, 'it has no function registerClient')
  }
  const { context, seal } = recordingContext(candidate, options)
  let returned: unknown
  try {
    returned = (extension.registerClient as (context: RegistrationContext) => unknown)(context)
  } catch (cause) {
    throw extensionError(candidate, `registerClient failed: ${messageOf(cause)}`, cause)
  } finally {
    seal()
  }
  if (isThenable(returned)) {
    returned.then(undefined, () => {})
    throw extensionError(
      candidate,
      'registerClient returned a promise; registering is synchronous: do slow work in the class, on its first call',
    )
  }
  return checked(candidate, context)
}

function recordingContext(
  candidate: Candidate,
  options: unknown,
): { context: RegistrationContext; seal: () => void } {
  const from = candidate.package
  let sealed = false
  const { name } = candidate.extension
  const context: RegistrationContext = {
    apiVersion: EXTENSION_API,
    name,
    package: from && { name: from.name, version: from.version },
    options,
    summary: `${from ? nameOfPackage(from.name) : name} extension`,
    client: undefined,
    roles: undefined,
    clusterMethods: undefined,
    cluster: undefined,
    define(spec) {
      if (sealed)
        throw extensionError(
          candidate,
          'its registration is over; call define() within registerClient',
        )
      checkNames(spec, FIELDS, 'context.define')
      Object.assign(context, spec)
      return {} as Registration<never>
    },
  }
  return {
    context,
    seal() {
      sealed = true
      Object.freeze(context)
    },
  }
}

function checked(candidate: Candidate, context: RegistrationContext): Recorded {
  const fail = (why: string): DruidError => extensionError(candidate, why)
  try {
    checkNames(context, MEMBERS, 'registerClient')
  } catch (error) {
    throw isDruidError(error) ? extensionError(candidate, error.message, error) : error
  }
  const { summary, client, cluster } = context
  if (typeof summary !== 'string' || summary === '') throw fail('summary must be a string')
  if (client !== undefined && !isClass(client)) throw fail(noClass('client', client))
  if (cluster !== undefined && !isClass(cluster)) throw fail(noClass('cluster', cluster))
  return {
    summary,
    client,
    cluster,
    roles: classes('roles', context.roles, isRoleName, fail),
    clusterMethods: classes('clusterMethods', context.clusterMethods, isClusterMethodName, fail),
  }
}

function classes<Class>(
  field: Field,
  map: Readonly<Record<string, Class>> | undefined,
  isName: (name: string) => boolean,
  fail: (why: string) => DruidError,
): Map<string, Class> {
  if (map === undefined) return new Map()
  if (typeof map !== 'object' || map === null || Array.isArray(map)) {
    throw fail(`${field} must be an object: name → class`)
  }
  const entries = map instanceof Map ? [...map] : Object.entries(map)
  for (const [name, value] of entries) {
    if (!isName(name)) throw fail(`${field}: "${name}" cannot be a name there`)
    if (!isClass(value)) throw fail(noClass(`${field}.${name}`, value))
  }
  return new Map(entries as [string, Class][])
}

/** Whether `new` takes it, found out without running it. */
function isClass(value: unknown): boolean {
  try {
    Reflect.construct(Object, [], value as new () => unknown)
    return true
  } catch {
    return false
  }
}

function noClass(field: string, value: unknown): string {
  const got =
    typeof value === 'function'
      ? 'a function that cannot be called with new'
      : `a value of type ${typeof value}`
  return `${field} must be a class, and is ${got}; the library makes the instances`
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | undefined)?.then === 'function'
}
