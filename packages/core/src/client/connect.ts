import { DruidError } from '../error/error.ts'
import { isRecord } from '../error/record.ts'
import { checkNames } from '../error/unknown-name.ts'
import { type Candidate, candidate } from '../extension/candidate.ts'
import type { CheckExtensions } from '../extension/check.ts'
import type { AnyExtension } from '../extension/definition.ts'
import { checkPolicy, tellFailures, tellUnused } from '../extension/failures.ts'
import type { ClusterHost } from '../extension/host.ts'
import type {
  ClientMethods,
  ClusterAccess,
  FormatArguments,
  FormattersOf,
  UncertainClusterAccess,
} from '../extension/methods.ts'
import type { Ready } from '../extension/ready.ts'
import { openRegistry, type RegistryHost } from '../extension/registry.ts'
import type { DiscoverySet } from '../extension/report.ts'
import { observing } from '../observe/observe.ts'
import type { AnyPolicy } from '../result/policy.ts'
import { type ValuesPolicy, valuesPolicy } from '../result/policy.ts'
import type { DefaultPolicy, PolicyOf } from '../result/typed.ts'
import { chooseTransport } from '../transport/choose.ts'
import { abortable } from './abort.ts'
import { addressOf } from './address.ts'
import { authorization, provided } from './authorization.ts'
import type { ClientBase, ClientDefaults } from './base.ts'
import { checkDefaultContext } from './call.ts'
import { capabilities } from './capability.ts'
import { Client, closeAll, type SharedConnection } from './client.ts'
import { clusterContext } from './cluster-context.ts'
import { type Connection, openConnection } from './connection.ts'
import type { FormatMethods } from './format.ts'
import type { ConnectionOptions } from './options.ts'
import { retryPolicy } from './retry.ts'
import { serversOf } from './servers.ts'
import { timeoutsOver, USUAL } from './timeouts.ts'
import { serverVersion } from './version.ts'

/**
 * The client of a connection on which the extensions in the union E are registered. `P`: its policy
 * for values, where it is not the default.
 */
export type DruidClient<E = never, P extends AnyPolicy = DefaultPolicy> = ClientBase<P> &
  ClientMethods<E> &
  ClusterAccess<E> &
  FormatAccess<E>

/** `format()`, if one of E has a formatter. */
type FormatAccess<E> = [FormattersOf<E>] extends [never]
  ? unknown
  : FormatMethods<FormatArguments<E>>

type Reserved =
  | `client.${(keyof ClientBase & string) | 'format' | 'formatStream'}`
  | `cluster.${
      | (keyof (ClusterHost & object) & string)
      | keyof typeof Object.prototype
      | 'then'
      | 'catch'
      | 'finally'
      | 'toJSON'
      | 'prototype'
      | '__proto__'
      | ''}`
/** A plain array, not a tuple: its extensions may or may not be there, so their methods are optional. */
type Uncertain<E, P extends AnyPolicy> = ClientBase<P> &
  Partial<ClientMethods<E>> &
  UncertainClusterAccess<E> &
  ([FormattersOf<E>] extends [never] ? unknown : Partial<FormatMethods<FormatArguments<E>>>)
/** An extension without types (`any`) adds nothing, rather than hiding what the others add. */
export type Known<E extends readonly unknown[]> = {
  [I in keyof E]: 0 extends 1 & E[I] ? AnyExtension : E[I]
}
export type Connected<E extends readonly unknown[], D, P extends AnyPolicy> = E extends unknown
  ? number extends E['length']
    ? Uncertain<E[number], P> & DruidClient<D, P>
    : DruidClient<E[number] | D, P>
  : never
/** By a conditional type on purpose: a bare parameter would be inferred from the expected type. */
type Found<S> = S extends { readonly '~types'?: infer D } ? Exclude<D, undefined> : never

export interface ConnectOptions<
  E extends readonly unknown[] = readonly [],
  S = DiscoverySet<never>,
  V extends ValuesPolicy = ValuesPolicy,
> extends ConnectionOptions {
  /** The extensions of this connection, in order: of two that claim one name the first gets it. */
  readonly extensions?:
    | (E & CheckExtensions<Known<E>, Reserved, DruidClient<Known<E>[number] | Found<S>>>)
    | undefined
  /** What `discover()` found. Listed extensions come before it. */
  readonly discovered?: S | undefined
  /** How values come; see {@link ValuesPolicy}. What extensions are given has the default policy. */
  readonly values?: V | undefined
}

const OPTIONS = [
  'auth',
  'context',
  'discovered',
  'extensionOptions',
  'extensions',
  'headers',
  'hooks',
  'log',
  'observeText',
  'onExtensionError',
  'pool',
  'proxy',
  'retry',
  'timeout',
  'tls',
  'tracer',
  'transport',
  'values',
]

/**
 * A client for the Druid behind this URL, of a Router or a Broker; a path in it is a prefix (a
 * reverse proxy's). Of several URLs the first is asked, and while it cannot be reached, the next. Sends
 * nothing yet. User and password may stand in the URL.
 *
 * @throws DruidError `CONFIG` for a bad URL or option. With `onExtensionError: 'throw'`, an
 * AggregateError of the extensions that failed.
 */
export function connect<
  const E extends readonly AnyExtension[] = readonly [],
  S extends DiscoverySet<unknown> = DiscoverySet<never>,
  const V extends ValuesPolicy = Record<never, never>,
>(
  url: string | URL | readonly (string | URL)[],
  options: ConnectOptions<E, S, V> = {},
): Connected<Known<E>, Found<S>, PolicyOf<V>> {
  checkNames(options, OPTIONS, 'connect')
  checkDefaultContext(options.context, 'connect')
  const { extensionOptions = {}, onExtensionError = 'warn' } = options
  checkPolicy(onExtensionError)
  checkExtensionOptions(extensionOptions)
  const { listed, discovered } = candidatesOf(options)
  const { bases, auth } = addressOf(url)
  const retry = retryPolicy(options.retry)
  const timeouts = timeoutsOver(USUAL, options.timeout)
  const observe = observing(options)
  const transport = chooseTransport(options, bases)
  const registry = openRegistry()
  let authorize = authorization(
    typeof options.auth === 'string' ? undefined : (options.auth ?? auth),
  )
  const connection = openConnection({
    servers: serversOf(bases),
    transport,
    authorization: () => authorize,
    retry,
    timeouts,
    headers: options.headers ?? {},
    parts: registry.parts,
    observe,
  })
  const shared: SharedConnection = {
    connection,
    registry,
    version: serverVersion(() => client.version()),
    capabilities: capabilities(),
    closing: undefined,
  }
  const defaults = { context: options.context }
  const client: Client = new Client(shared, { ...defaults, values: valuesPolicy(options.values) })
  registry.add([...listed, ...discovered], options.discovered?.reports ?? [], {
    ...hostOf(shared, client, defaults),
    optionsOf: ({ name, options: own }) =>
      own ?? (Object.hasOwn(extensionOptions, name) ? extensionOptions[name] : undefined),
  })
  try {
    tellFailures(registry.reports, onExtensionError)
    // Where discovery is off, or found no application, there are none that they could be for.
    const looked = options.discovered === undefined || options.discovered.root !== undefined
    if (looked) tellUnused(Object.keys(extensionOptions), registry.reports, onExtensionError)
    if (typeof options.auth === 'string') authorize = provided(registry.parts.auths, options.auth)
  } catch (error) {
    closeAll(shared).catch(() => {})
    throw error
  }
  registry.patch(client)
  return client as unknown as Connected<Known<E>, Found<S>, PolicyOf<V>>
}

function checkExtensionOptions(extensionOptions: unknown): void {
  if (isRecord(extensionOptions)) return
  throw new DruidError('CONFIG', 'connect: extensionOptions must be { name: options }', {
    option: 'extensionOptions',
  })
}

/** The listed extensions and the discovered ones. Throws `CONFIG` for what neither can be. */
function candidatesOf(options: ConnectOptions<readonly AnyExtension[], DiscoverySet<unknown>>): {
  listed: Candidate[]
  discovered: Candidate[]
} {
  const { extensions = [], discovered } = options as {
    extensions?: readonly AnyExtension[]
    discovered?: DiscoverySet<unknown>
  }
  if (!Array.isArray(extensions)) {
    throw new DruidError('CONFIG', 'connect: extensions must be a list, e.g. [cluster, imply]', {
      option: 'extensions',
    })
  }
  if (
    discovered !== undefined &&
    !(areRecords(discovered?.extensions) && areRecords(discovered.reports))
  ) {
    throw new DruidError('CONFIG', 'connect: discovered must be what `await discover()` gave', {
      option: 'discovered',
    })
  }
  return {
    // Also what a comma too many leaves: an absent element is one that is no extension.
    listed: Array.from(extensions, (extension) =>
      candidate(extension, { source: 'explicit', trusted: true, ms: 0 }),
    ),
    discovered: (discovered?.extensions ?? []).map((found) =>
      candidate(found.extension, {
        source: 'discovered',
        package: found.package,
        trusted: found.allowed,
        warnings: found.warnings,
        ms: found.ms,
      }),
    ),
  }
}

function areRecords(list: unknown): boolean {
  return Array.isArray(list) && list.every(isRecord)
}

/** What extensions get of the connection. */
function hostOf(
  shared: SharedConnection,
  client: Client,
  defaults: ClientDefaults,
): Omit<RegistryHost, 'optionsOf'> {
  const { connection, registry } = shared
  return {
    client,
    // Each its own: what one does to it, the others and the application do not see.
    face(ready?: Ready) {
      const own = ready ? afterwards(connection, ready) : connection
      const face = new Client(shared, defaults, own)
      registry.patch(face)
      return face
    },
    clusterContext: (trusted) => clusterContext(connection, trusted),
    druidVersion: (signal) => abortable(shared.version(), signal, 'GET /status'),
  }
}

/** The connection whose requests wait for something first. */
function afterwards(connection: Connection, ready: Ready): Connection {
  return {
    ...connection,
    async send(request) {
      await ready(request.signal)
      return connection.send(request)
    },
  }
}
