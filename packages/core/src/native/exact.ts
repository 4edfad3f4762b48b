import type { Custom } from './custom.ts'

/**
 * What was written (`W`), with `never` for each key that what is declared (`D`) does not have, all the
 * way down. Parts are told apart by their `type`; what `custom()` marks is taken as it is, and so is
 * what is as wide as the declaration.
 */
export type Exact<W, D> = [D] extends [W]
  ? W
  : W extends Custom
    ? W
    : W extends readonly unknown[]
      ? { [I in keyof W]: Exact<W[I], ElementOf<D>> }
      : W extends object
        ? ExactPart<W, PartOf<W, D>>
        : W

/** The same of each part of a list. */
export type ExactEach<L, D> = { [I in keyof L]: Exact<L[I], D> }

type ElementOf<D> = D extends readonly (infer E)[] ? E : never

/** Of what tells no type: those that need not. */
type PartOf<W, D> = W extends { readonly type: infer T }
  ? OfType<D, T>
  : D extends object
    ? D extends { readonly type: string }
      ? never
      : D
    : never

type OfType<D, T> = D extends Custom
  ? never
  : D extends { readonly type?: infer U }
    ? T extends U
      ? D
      : never
    : never

/** Of a type that is not declared here, the constraint of the call says what is wrong. */
type ExactPart<W, D> = [D] extends [never]
  ? W
  : { [K in keyof W]: K extends KeyOf<D> ? Exact<W[K], NonNullable<MemberOf<D, K>>> : never }

type KeyOf<D> = D extends unknown ? keyof D : never
type MemberOf<D, K extends PropertyKey> = D extends { readonly [P in K]?: infer M } ? M : never
