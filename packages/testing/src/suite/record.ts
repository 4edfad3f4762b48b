import {
  type AnyExtension,
  type AuthProvider,
  type ClientClass,
  type ClusterClass,
  type ClusterHost,
  type Codec,
  clientMethod,
  type Formatter,
  type MapUrl,
  type MethodClass,
  type Middleware,
  type QueryHooks,
  type Requirements,
  type RoleClass,
  recordExtension,
} from '@druid/core/extension'

/** What an extension registers, as plain data: for `toMatchObject` and the like. */
export interface RecordedRegistration {
  readonly name: string
  readonly summary: string
  /** What it adds: `rangerClient`, `cluster().auditorClient`, `cluster().auditorClients`, … */
  readonly methods: readonly string[]
  readonly client: ClientClass<unknown, never> | undefined
  readonly cluster: ClusterClass<ClusterHost> | undefined
  readonly roles: Readonly<Record<string, RoleClass<unknown, never>>>
  readonly clusterMethods: Readonly<Record<string, MethodClass<unknown, never>>>
  readonly formatters: Readonly<Record<string, Formatter>>
  /** By native type. */
  readonly codecs: Readonly<Record<string, Codec>>
  readonly auths: Readonly<Record<string, () => AuthProvider>>
  readonly middleware: {
    readonly early: readonly Middleware[]
    readonly late: readonly Middleware[]
  }
  readonly queries: readonly QueryHooks[]
  readonly mapUrls: readonly MapUrl[]
  readonly closers: readonly (() => unknown)[]
  readonly requires: Requirements
}

/**
 * What an extension registers, without a client or a connection. `options`: as `.with()` takes them;
 * default: those that are bound to it. A module with `registerClient` alone becomes an extension by
 * `fromModule(name, module)`.
 *
 * @throws DruidError `EXTENSION` as `connect` would report it.
 */
export function recordRegistration(
  extension: AnyExtension,
  options?: unknown,
): RecordedRegistration {
  const recorded = recordExtension(extension, options)
  const { name } = extension
  const { early, late, roles, clusterMethods } = recorded
  return {
    name,
    summary: recorded.summary,
    methods: [
      ...(recorded.cluster ? ['cluster'] : []),
      ...(recorded.client ? [clientMethod(name)] : []),
      ...[...roles.keys()].flatMap((role) => {
        const method = clientMethod(role)
        return [`cluster().${method}`, `cluster().${method}s`]
      }),
      ...[...clusterMethods.keys()].map((method) => `cluster().${method}`),
    ],
    client: recorded.client,
    cluster: recorded.cluster,
    roles: Object.fromEntries(roles),
    clusterMethods: Object.fromEntries(clusterMethods),
    formatters: Object.fromEntries(recorded.formatters),
    codecs: Object.fromEntries(recorded.codecs),
    auths: Object.fromEntries(recorded.auths),
    middleware: { early, late },
    queries: recorded.queries,
    mapUrls: recorded.mapUrls,
    closers: recorded.closers,
    requires: recorded.requires,
  }
}
