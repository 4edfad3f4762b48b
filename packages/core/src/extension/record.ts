import { messageOf } from '../error/error.ts'
import { quoted } from '../error/quoted.ts'
import { checkNames } from '../error/unknown-name.ts'
import { type Candidate, candidate, extensionError } from './candidate.ts'
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
import {
  isClusterMethodName,
  isExtensionName,
  isPlainName,
  isRoleName,
  isTypeName,
  nameOfPackage,
} from './names.ts'
import type {
  AuthProvider,
  Codec,
  Formatter,
  MapUrl,
  Middleware,
  QueryHooks,
  Requirements,
} from './points.ts'
import { checkRequirements } from './requirements.ts'
import { isPromise } from './synchronous.ts'

/** What an extension said of itself, checked. */
export interface Recorded extends Called {
  readonly summary: string
  readonly client: ClientClass<unknown, never> | undefined
  readonly roles: ReadonlyMap<string, RoleClass<unknown, never>>
  readonly clusterMethods: ReadonlyMap<string, MethodClass<unknown, never>>
  readonly cluster: ClusterClass<ClusterHost> | undefined
  readonly requires: Requirements
}

/** What it said by calling the context's methods, in order. */
export interface Called {
  /** Middleware of the two phases. */
  readonly early: readonly Middleware[]
  readonly late: readonly Middleware[]
  readonly queries: readonly QueryHooks[]
  readonly mapUrls: readonly MapUrl[]
  readonly closers: readonly (() => unknown)[]
  readonly formatters: ReadonlyMap<string, Formatter>
  /** By native type. */
  readonly codecs: ReadonlyMap<string, Codec>
  readonly auths: ReadonlyMap<string, () => AuthProvider>
}

const ASSIGNED = ['summary', 'client', 'roles', 'clusterMethods', 'cluster', 'requires'] as const
const DEFINED = [...ASSIGNED, 'formatters']
const HOOKS = ['sqlRequest', 'nativeRequest', 'rows', 'error'] as const

/**
 * What an extension registers, without any connection: for tests and tools. `options` as `.with()`
 * takes them; default: those that are bound to it.
 *
 * @throws DruidError `EXTENSION` as `connect` would report it.
 */
export function recordExtension(extension: AnyExtension, options?: unknown): Recorded {
  const one = candidate(extension, { source: 'explicit', trusted: true, ms: 0 })
  return record(one, options ?? one.options)
}

/**
 * Runs `registerClient` on a context that only writes down, and checks what it wrote. Whatever goes
 * wrong is thrown as `EXTENSION`; nothing shared was touched by then.
 */
export function record(from: Candidate, options: unknown): Recorded {
  const { problem, apiVersion: built, registerClient } = from
  if (problem !== undefined) throw extensionError(from, problem.why, problem.cause)
  if (!isExtensionName(from.name)) {
    throw extensionError(from, 'its name must be lower-case words joined by single dashes')
  }
  if (!Number.isInteger(built) || Number(built) < 1 || Number(built) > EXTENSION_API) {
    const why = `it was built for extension API ${shortly(built)}, and this version of @druid/core offers ${EXTENSION_API}; update the older of the two`
    throw extensionError(from, why)
  }
  if (typeof registerClient !== 'function') {
    throw extensionError(from, 'it has no function registerClient')
  }
  const { context, called, seal } = recordingContext(from, options)
  const members = Object.keys(context)
  try {
    const returned: unknown = registerClient(context)
    if (isPromise(returned)) {
      returned.then(undefined, () => {})
      throw new Error(
        'it returned a promise; registering is synchronous: do slow work in the class, on its first call',
      )
    }
  } catch (cause) {
    throw extensionError(from, `registerClient failed: ${messageOf(cause)}`, cause)
  } finally {
    seal()
  }
  try {
    checkMembers(context, members, 'registerClient')
    return checked(context, called)
  } catch (cause) {
    throw extensionError(from, messageOf(cause), cause)
  }
}

interface Recording {
  readonly context: RegistrationContext
  readonly called: Called
  readonly seal: () => void
}

function recordingContext(one: Candidate, options: unknown): Recording {
  const { name, package: from } = one
  let sealed = false
  const called = {
    early: [] as Middleware[],
    late: [] as Middleware[],
    queries: [] as QueryHooks[],
    mapUrls: [] as MapUrl[],
    closers: [] as (() => unknown)[],
    formatters: new Map<string, Formatter>(),
    codecs: new Map<string, Codec>(),
    auths: new Map<string, () => AuthProvider>(),
  } satisfies Called
  const assertOpen = (method: string): void => {
    const why = `its registration is over; call ${method}() within registerClient`
    if (sealed) throw extensionError(one, why)
  }
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
    requires: undefined,
    use(middleware, { phase = 'early' } = {}) {
      assertOpen('use')
      if (phase !== 'early' && phase !== 'late') {
        throw new Error(`use: phase is 'early' or 'late', not ${named(phase)}`)
      }
      called[phase].push(aFunction(middleware, 'use: the middleware'))
    },
    queries(hooks) {
      assertOpen('queries')
      called.queries.push(boundHooks(hooks))
    },
    formatter(formatterName, formatter) {
      assertOpen('formatter')
      const where = `formatter(${named(formatterName)})`
      if (!isPlainName(formatterName)) throw new Error(`${where}: the name must be one word`)
      if (typeof formatter?.mediaType !== 'string') throw new Error(`${where} has no mediaType`)
      aFunction(formatter.format, `${where}.format`)
      once(called.formatters, formatterName, formatter as Formatter, where)
    },
    codec(nativeType, codec) {
      assertOpen('codec')
      const where = `codec(${named(nativeType)})`
      if (!isTypeName(nativeType)) {
        throw new Error(`${where}: the name must be that of a native type, e.g. COMPLEX<HLLSketch>`)
      }
      aFunction(codec?.decode, `${where}.decode`)
      once(called.codecs, nativeType, codec, where)
    },
    mapUrl(mapper) {
      assertOpen('mapUrl')
      called.mapUrls.push(aFunction(mapper, 'mapUrl'))
    },
    auth(providerName, create) {
      assertOpen('auth')
      const where = `auth(${named(providerName)})`
      if (!isPlainName(providerName)) throw new Error(`${where}: the name must be one word`)
      once(called.auths, providerName, aFunction(create, where), where)
    },
    onClose(cleanup) {
      assertOpen('onClose')
      called.closers.push(aFunction(cleanup, 'onClose'))
    },
    define(spec) {
      assertOpen('define')
      checkMembers(spec, DEFINED, 'context.define')
      const { formatters, ...assigned } = spec
      Object.assign(context, assigned)
      for (const [key, formatter] of Object.entries(formatters ?? {})) {
        context.formatter(key, formatter as Formatter)
      }
      return {} as Registration<never>
    },
  }
  return {
    context,
    called,
    seal() {
      sealed = true
      Object.freeze(context)
    },
  }
}

/** As {@link checkNames}; what nobody knows here may be known to a later version. */
function checkMembers(object: object, known: readonly string[], where: string): void {
  try {
    checkNames(object, known, where)
  } catch (error) {
    throw new Error(`${messageOf(error)} (or it is for a newer version of @druid/core)`)
  }
}

/** Throws plain Errors: the caller knows whose they are. */
function checked(context: RegistrationContext, called: Called): Recorded {
  const { summary, client, cluster, requires = {} } = context
  if (typeof summary !== 'string' || summary === '') throw new Error('summary must be a string')
  if (client !== undefined && !isClass(client)) throw noClass('client', client)
  if (cluster !== undefined && !isClass(cluster)) throw noClass('cluster', cluster)
  checkRequirements(requires)
  return {
    summary,
    client,
    cluster,
    requires,
    ...called,
    roles: classes('roles', context.roles, isRoleName),
    clusterMethods: classes('clusterMethods', context.clusterMethods, isClusterMethodName),
  }
}

function classes<Class>(
  field: string,
  map: Readonly<Record<string, Class>> | undefined,
  isName: (name: string) => boolean,
): Map<string, Class> {
  if (map === undefined) return new Map()
  if (typeof map !== 'object' || map === null || Array.isArray(map)) {
    throw new Error(`${field} must be an object: name → class`)
  }
  const entries = map instanceof Map ? [...map] : Object.entries(map)
  for (const [name, value] of entries) {
    if (!isName(name)) throw new Error(`${field}: ${quoted(name)} cannot be a name there`)
    if (!isClass(value)) throw noClass(`${field}.${name}`, value)
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

function noClass(field: string, value: unknown): Error {
  const got =
    typeof value === 'function'
      ? 'a function that cannot be called with new'
      : `a value of type ${typeof value}`
  return new Error(`${field} must be a class, and is ${got}; the library makes the instances`)
}

function aFunction<T>(value: T, where: string): T & ((...args: never) => unknown) {
  if (typeof value === 'function') return value as T & ((...args: never) => unknown)
  throw new Error(`${where} must be a function, and is a value of type ${typeof value}`)
}

/** Its hooks as they are now: what becomes of the object later is not heard of. */
function boundHooks(hooks: QueryHooks): QueryHooks {
  // An instance of a class may have more of its own.
  const plain = isPlain(hooks)
  if (plain) checkNames(hooks, HOOKS, 'queries')
  const bound: Record<string, unknown> = {}
  for (const name of HOOKS) {
    const hook: unknown = hooks[name]
    if (hook !== undefined) bound[name] = aFunction(hook, `queries: ${name}`).bind(hooks)
  }
  if (!plain && Object.keys(bound).length === 0) {
    throw new Error(`queries: there is none of the hooks ${HOOKS.join(', ')}`)
  }
  return bound
}

function isPlain(value: unknown): boolean {
  const prototype: unknown = Object.getPrototypeOf(Object(value))
  return prototype === Object.prototype || prototype === null
}

function once<T>(map: Map<string, T>, name: string, value: T, where: string): void {
  if (map.has(name)) throw new Error(`${where} is registered twice`)
  map.set(name, value)
}

/** Whatever stands where a name should. */
const named = (name: unknown): string => quoted(messageOf(name))

/** The same where no name was expected. */
const shortly = (value: unknown): string => named(value).slice(1, -1)
