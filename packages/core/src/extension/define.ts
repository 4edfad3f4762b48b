import {
  type AnyExtension,
  type Configurable,
  EXTENSION_API,
  type Extension,
  type ExtensionSpec,
  type Provided,
  type Registration,
  type RegistrationContext,
} from './definition.ts'
import type { ClusterHost, ExtensionHost } from './host.ts'
import type { ProvidesOf } from './methods.ts'
import { extensionIn } from './module.ts'

type Lower =
  | 'a'
  | 'b'
  | 'c'
  | 'd'
  | 'e'
  | 'f'
  | 'g'
  | 'h'
  | 'i'
  | 'j'
  | 'k'
  | 'l'
  | 'm'
  | 'n'
  | 'o'
  | 'p'
  | 'q'
  | 'r'
  | 's'
  | 't'
  | 'u'
  | 'v'
  | 'w'
  | 'x'
  | 'y'
  | 'z'

/** Shown where a name cannot be one of an extension. */
export interface InvalidExtensionName<Why extends string> {
  readonly '~invalid': Why
}
/** Lower-case words joined by single dashes, as far as types can tell; the rest at run time. */
export type CheckName<N extends string> = string extends N
  ? unknown
  : N extends `${Lower}${string}`
    ? N extends `${string}${' ' | '.' | '/' | '@' | '$' | '_' | '--'}${string}`
      ? InvalidExtensionName<'use words joined by single dashes'>
      : unknown
    : InvalidExtensionName<'start with a lower-case letter'>

/**
 * Defines an extension: the typed way to write what `registerClient(context)` says by assigning the
 * context's fields. Export the result as default of `./register`, and its `registerClient`.
 *
 * @example
 * export const ranger = defineExtension({ name: 'ranger', client: RangerClient })
 * export const { registerClient } = ranger
 * export default ranger
 *
 * The second form is for an extension with options: `setup` runs as `registerClient`, reads
 * `context.options` and returns `context.define({ … })`. Users bind options by `.with(options)`.
 */
export function defineExtension<const Name extends string, Options, Provides = object>(definition: {
  readonly name: Name & CheckName<Name>
  // biome-ignore lint/suspicious/noConfusingVoidType: one that adds nothing to types returns nothing
  readonly setup: (context: RegistrationContext<Options>) => Registration<Provides> | void
}): Extension<Name, Provides> & Configurable<Options>
export function defineExtension<
  const Name extends string,
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
  definition: ExtensionSpec<Client, Roles, Methods, Cluster, Need, Formats> & {
    readonly name: Name & CheckName<Name>
  },
): Extension<Name, Provided<Client, Roles, Methods, Cluster, Need, Formats>>
export function defineExtension(
  definition: { readonly name: string } & (
    | { readonly setup: Setup }
    | ExtensionSpec<unknown, object, object, ClusterHost, ExtensionHost>
  ),
): AnyExtension {
  const { name, ...rest } = definition
  if ('setup' in rest) return configurable(name, rest.setup)
  return {
    '~druid': { apiVersion: EXTENSION_API },
    name,
    registerClient: (context: RegistrationContext) => context.define(rest),
  }
}

type Setup = (context: RegistrationContext) => ReturnType<AnyExtension['registerClient']>

function configurable(
  name: string,
  setup: Setup,
  options?: unknown,
): AnyExtension & Configurable<unknown> {
  const extension = {
    '~druid': { apiVersion: EXTENSION_API },
    ...(options !== undefined && { '~options': options }),
    name,
    registerClient: setup,
    with: (bound: unknown) => configurable(name, setup, bound),
  }
  return extension as AnyExtension & Configurable<unknown>
}

/**
 * The same extension under another name: the application's way out of a name collision. One that
 * takes options takes them still: `renamed(imply, 'imply-two').with({ … })`.
 */
export function renamed<X extends AnyExtension, const Name extends string>(
  extension: X,
  name: Name & CheckName<Name>,
): Extension<Name, ProvidesOf<X>> & WithOptionsOf<X> {
  const { '~druid': druid, '~options': options, registerClient } = extension
  const { with: bind } = extension as Partial<Configurable<unknown>>
  const bound = options === undefined ? {} : { '~options': options }
  const other = { '~druid': druid, ...bound, name, registerClient }
  const made =
    typeof bind === 'function'
      ? { ...other, with: (own: unknown) => renamed(bind.call(extension, own) as never, name) }
      : other
  return made as unknown as Extension<Name, ProvidesOf<X>> & WithOptionsOf<X>
}

type WithOptionsOf<X> = X extends Configurable<infer Options> ? Configurable<Options> : unknown

/** The extension of a `./register` module, however it was written: for generated declarations. */
export type ExtensionFrom<Name extends string, Module> = Module extends {
  readonly default: infer X extends AnyExtension
}
  ? X
  : Module extends { readonly registerClient: (...args: never) => infer Returned }
    ? Extension<Name, ProvidedBy<Returned>>
    : Extension<Name>

/** What `context.define` returned, if the function returned it. */
type ProvidedBy<Returned> = [ProvidesOf<Returned>] extends [never] ? object : ProvidesOf<Returned>

/**
 * The extension of a `./register` module that has no definition as its default export, only
 * `registerClient`: for the file that `druid ext sync` writes.
 */
export function fromModule<const Name extends string, Module extends object>(
  name: Name & CheckName<Name>,
  module: Module,
): ExtensionFrom<Name, Module> {
  // Where there is nothing, it is for connect to report: a list must not fail while it is imported.
  const made = extensionIn(module, name, 1) ?? { '~druid': { apiVersion: 1 }, name }
  return made as ExtensionFrom<Name, Module>
}
