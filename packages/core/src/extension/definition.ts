/**
 * What an extension is. Types that cross the boundary between packages: interfaces and plain object
 * types only; see `host.ts`.
 */
import type { ClusterContext, ClusterHost, ExtensionHost, ServiceHost } from './host.ts'
import type {
  AuthProvider,
  Codec,
  Formatter,
  MapUrl,
  Middleware,
  MiddlewareOptions,
  QueryHooks,
  Requirements,
} from './points.ts'

/** Raised only when an extension written for the old number could break. */
export const EXTENSION_API = 1 as const

export type ClientClass<T, Host extends ExtensionHost = ExtensionHost> = new (client: Host) => T
export type RoleClass<T, Host extends ExtensionHost = ExtensionHost> = new (
  service: ServiceHost,
  client: Host,
) => T
export type MethodClass<T, Host extends ExtensionHost = ExtensionHost> = new (client: Host) => T
export type ClusterClass<T extends ClusterHost> = new (
  client: ExtensionHost,
  context: ClusterContext,
) => T

/**
 * What an extension offers. `Need` is what its classes ask of the client beyond ExtensionHost: it is
 * inferred from them (the `Record` halves), apart from what they make (the `never` halves).
 */
export interface ExtensionSpec<
  Client,
  Roles,
  Methods,
  Cluster extends ClusterHost,
  Need extends ExtensionHost,
  Formats = object,
> {
  /** Display name. Default: the name, plus " extension". */
  readonly summary?: string
  /** `<name>Client()` of the client makes one per connection, on first use. */
  readonly client?: ClientClass<Client, Need>
  /** Role as Druid reports it (`sys.servers.server_type`) → class: `cluster().<role>Client()`. */
  readonly roles?: { readonly [R in keyof Roles]: RoleClass<Roles[R], never> } & Record<
    string,
    RoleClass<unknown, Need>
  >
  /** Method of `client.cluster()` → class, made once per connection. */
  readonly clusterMethods?: {
    readonly [M in keyof Methods]: MethodClass<Methods[M], never>
  } & Record<string, MethodClass<unknown, Need>>
  /** The class behind `client.cluster()`. One extension per connection. */
  readonly cluster?: ClusterClass<Cluster>
  /** Name → formatter, whose options are typed: `client.format(statement, name, options)`. */
  readonly formatters?: { readonly [F in keyof Formats]: Formatter<Formats[F]> }
  /** What it cannot do without. */
  readonly requires?: Requirements
}

type DropNever<P> = P extends unknown
  ? { readonly [K in keyof P as [P[K]] extends [never] ? never : K]: P[K] }
  : never

/** What an extension adds, with only the keys that are there: a later point is a new key. */
export type Provided<Client, Roles, Methods, Cluster, Need, Formats = object> = DropNever<{
  client: Client
  cluster: Cluster
  roles: keyof Roles extends never ? never : Roles
  clusterMethods: keyof Methods extends never ? never : Methods
  formatters: keyof Formats extends never ? never : Formats
  needs: ExtensionHost extends Need ? never : Need
}>

/** What `registerClient` returns when its types are to be known. */
export interface Registration<out Provides = object> {
  readonly '~types'?: Provides
}

/**
 * What `registerClient` is given. It only records: nothing is applied until `registerClient` has
 * returned and all of it was checked. Afterwards it cannot be used.
 */
export interface RegistrationContext<Options = unknown> {
  /** The extension API of the running library. */
  readonly apiVersion: number
  /** The extension's name on this connection. */
  readonly name: string
  /** The package it was discovered in. */
  readonly package: { readonly name: string; readonly version: string } | undefined
  /** From `.with(options)`, or the connection's `extensionOptions`. */
  readonly options: Options | undefined
  summary: string
  client: ClientClass<unknown, never> | undefined
  roles: Readonly<Record<string, RoleClass<unknown, never>>> | undefined
  clusterMethods: Readonly<Record<string, MethodClass<unknown, never>>> | undefined
  cluster: ClusterClass<ClusterHost> | undefined
  requires: Requirements | undefined
  /** Takes part in every request of the connection. */
  use(middleware: Middleware, options?: MiddlewareOptions): void
  /** Takes part in every SQL query of the connection. */
  queries(hooks: QueryHooks): void
  /** `client.format(statement, name, options)`; by `define({ formatters })` its options are typed. */
  formatter<Options>(name: string, formatter: Formatter<Options>): void
  /** Decodes the values of a native type, e.g. `COMPLEX<HLLSketch>`. */
  codec(nativeType: string, codec: Codec): void
  /** Says where a server is reached from here; asked by `@druid/cluster` after the application's own. */
  mapUrl(mapper: MapUrl): void
  /**
   * A way to authenticate, used only where the application says `connect(url, { auth: name })`:
   * `create` is then called once. A throw of it throws `connect`.
   */
  auth(name: string, create: () => AuthProvider): void
  /** Run when the connection is closed, after its instances; the last registered first. */
  onClose(cleanup: () => unknown): void
  /** The same as the assignments, in a form whose types can be read off. */
  define<
    Client = never,
    // biome-ignore lint/complexity/noBannedTypes: `{}` is "no roles"; any other default would add keys
    Roles = {},
    // biome-ignore lint/complexity/noBannedTypes: as above
    Methods = {},
    Cluster extends ClusterHost = never,
    Need extends ExtensionHost = ExtensionHost,
    // biome-ignore lint/complexity/noBannedTypes: as above
    Formats = {},
  >(
    spec: ExtensionSpec<Client, Roles, Methods, Cluster, Need, Formats>,
  ): Registration<Provided<Client, Roles, Methods, Cluster, Need, Formats>>
}

/** An extension: a name, and the function that registers it. Made by `defineExtension`. */
export interface Extension<out Name extends string = string, out Provides = object> {
  readonly '~druid': { readonly apiVersion: number }
  readonly '~types'?: Provides
  readonly '~options'?: unknown
  readonly name: Name
  /**
   * The parameter is `never`, not RegistrationContext: only the library calls this, after it has
   * compared `apiVersion`, and an extension compiled against another version of RegistrationContext
   * must stay assignable.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: the plain form returns nothing
  registerClient(this: void, context: never): Registration<Provides> | void
}
export type AnyExtension = Extension

/** An extension that takes options: `imply.with({ … })` is the same extension with them bound. */
export interface Configurable<Options> {
  with(options: Options): this
}
