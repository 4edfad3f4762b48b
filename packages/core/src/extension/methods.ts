/**
 * The methods that a set of extensions adds, accumulated in types: flat mapped types over a union of
 * extensions, no recursion, no intersection of functions.
 */

/** `query-worker` and `middle_manager` → `queryWorker`, `middleManager`. */
export type CamelCase<S extends string> = S extends `${infer Head}-${infer Tail}`
  ? `${CamelCase<Head>}${Capitalize<CamelCase<Tail>>}`
  : S extends `${infer Head}_${infer Tail}`
    ? `${CamelCase<Head>}${Capitalize<CamelCase<Tail>>}`
    : S

export type MethodName<N extends string> = string extends N ? never : `${CamelCase<N>}Client`

type NameOf<X> = X extends { readonly name: infer N extends string } ? N : never
export type ProvidesOf<X> = X extends { readonly '~types'?: infer P }
  ? Exclude<P, undefined>
  : never
/** What `<name>Client()` of an extension returns. */
export type ClientOf<X> = X extends { readonly '~types'?: { readonly client: infer C } } ? C : never
/** Role → role client of an extension. */
export type RolesOf<X> = X extends { readonly '~types'?: { readonly roles: infer R } } ? R : never
/** Method of the cluster → what it returns. */
export type ClusterMethodsOf<X> = X extends {
  readonly '~types'?: { readonly clusterMethods: infer M }
}
  ? M
  : never
/** The cluster's own type, without what other extensions add to it. */
export type ClusterOf<X> = X extends { readonly '~types'?: { readonly cluster: infer K } }
  ? K
  : never

/** Formatter → its options, of an extension. */
export type FormattersOf<X> = X extends { readonly '~types'?: { readonly formatters: infer F } }
  ? F
  : never

/** Literal keys only: a dictionary would make an index signature, on which any method type-checks. */
export type Keys<M> = [M] extends [never]
  ? never
  : string extends keyof M
    ? never
    : keyof M & string

type Entry<M> = M extends unknown ? { [K in Keys<M>]: { key: K; made: M[K] } }[Keys<M>] : never

export type ClientKey<X> = [ClientOf<X>] extends [never] ? never : MethodName<NameOf<X>>
export type ClusterKey<X> = [ClusterOf<X>] extends [never] ? never : 'cluster'

/** `fooClient()` for every extension in the union E that has a client. */
export type ClientMethods<E> = { readonly [X in E as ClientKey<X>]: () => ClientOf<X> }

/** `<role>Client()`, which finds its service on each call, and `<role>Clients()`, one per server. */
export type RoleMethods<E> = {
  readonly [X in Entry<RolesOf<E>> as MethodName<X['key']>]: () => X['made']
} & {
  readonly [X in Entry<RolesOf<E>> as `${MethodName<X['key']>}s`]: () => Promise<X['made'][]>
}

/** `analyzer()` for every cluster method of every extension in E. */
export type ClusterMethods<E> = {
  readonly [X in Entry<ClusterMethodsOf<E>> as X['key']]: () => X['made']
}

/**
 * The arguments of `format` for every formatter of every extension in E. A union of tuples, so that
 * a client with more formatters serves where fewer are asked for.
 */
export type FormatArguments<E> = {
  [X in Entry<FormattersOf<E>> as X['key']]: [name: X['key'], options?: X['made'] | undefined]
} extends infer All
  ? All[keyof All]
  : never

/** What `cluster()` returns: the provider's own type, and whatever all of E add to it. */
export type DruidCluster<E> = ClusterOf<E> & RoleMethods<E> & ClusterMethods<E>

/** `cluster()`, if one of E provides it. */
export type ClusterAccess<E> = { readonly [X in E as ClusterKey<X>]: () => DruidCluster<E> }

/** The same for extensions that may be absent. */
export type UncertainClusterAccess<E> = {
  readonly [X in E as ClusterKey<X>]?: () => ClusterOf<E> &
    Partial<RoleMethods<E> & ClusterMethods<E>>
}
