/** Name collisions and unmet needs of a list of extensions, found while compiling. */
import type {
  ClientKey,
  ClusterKey,
  ClusterMethodsOf,
  ClusterOf,
  FormattersOf,
  Keys,
  MethodName,
  RolesOf,
} from './methods.ts'

/** Shown at the element of the list that takes a name which is already taken. */
export interface ExtensionCollision<Claim extends string> {
  readonly '~collision': `${Claim} is already taken`
}
/** Shown at the element whose classes ask for a client that this list does not make. */
export interface UnmetNeed<Needed> {
  readonly '~needs': Needed
}

type RoleKeys<X> =
  Keys<RolesOf<X>> extends infer R extends string ? MethodName<R> | `${MethodName<R>}s` : never
type Added<X> = RoleKeys<X> | Keys<ClusterMethodsOf<X>>

/** What one extension claims; the cluster's own claims are made before all others. */
type Claims<X> =
  | `client.${ClientKey<X> | ClusterKey<X>}`
  | `formatter.${Keys<FormattersOf<X>>}`
  | ([ClusterOf<X>] extends [never] ? `cluster.${Added<X>}` : never)
type ClusterClaims<X> = X extends { readonly '~types'?: { readonly cluster: infer K } }
  ? `cluster.${Added<X> | Keys<K>}`
  : never
type OwnClash<X> = `cluster.${
  | (RoleKeys<X> & Keys<ClusterMethodsOf<X>>)
  | (Added<X> & Keys<ClusterOf<X>>)}`

/** Marks the offending elements of the list E. `Client` is the client that the whole list makes. */
export type CheckExtensions<
  E extends readonly unknown[],
  Reserved extends string,
  Client,
> = E extends unknown
  ? number extends E['length']
    ? E
    : Marked<E, Clashes<ClaimList<E>, Reserved | ClusterClaims<E[number]>>, Client>
  : never

/** Strings first: recursion over the extensions would walk all their types at every step. */
type ClaimList<E> = { readonly [I in keyof E]: Claims<E[I]> }

/** Tail-recursive, so that the limit is 1000 extensions rather than 45. */
type Clashes<
  C,
  Taken extends string,
  Out extends readonly unknown[] = readonly [],
> = C extends readonly [infer Head, ...infer Rest]
  ? Clashes<Rest, Taken | (Head & string), readonly [...Out, Head & Taken]>
  : Out

type Marked<E, C, Client> = {
  readonly [I in keyof E]: Checked<
    E[I],
    OwnClash<E[I]> | (I extends keyof C ? C[I] : never),
    Client
  >
}
type Checked<X, Clash, Client> = [Clash] extends [never]
  ? Unmet<X, Client> extends infer N
    ? [N] extends [never]
      ? X
      : UnmetNeed<N>
    : X
  : ExtensionCollision<Clash & string>
type Unmet<X, Client> = X extends { readonly '~types'?: { readonly needs: infer N } }
  ? [Client] extends [N]
    ? never
    : N
  : never
