import { platformTransport } from '#transport'
import { DruidError } from '../error/error.ts'
import { checkNames } from '../error/unknown-name.ts'
import type { CheckExtensions } from '../extension/check.ts'
import type { AnyExtension } from '../extension/definition.ts'
import { tellFailures } from '../extension/failures.ts'
import type { ClusterContext, ClusterHost } from '../extension/host.ts'
import type { ClientMethods, ClusterAccess, UncertainClusterAccess } from '../extension/methods.ts'
import type { Candidate } from '../extension/record.ts'
import { type Registry, register } from '../extension/registry.ts'
import type { DiscoverySet } from '../extension/report.ts'
import { addressOf, resolvePath } from './address.ts'
import { authorization } from './authorization.ts'
import { Client, type ClientBase, type SharedConnection } from './client.ts'
import { type Connection, openConnection } from './connection.ts'
import type { ConnectionOptions, PlainRequestOptions } from './options.ts'
import { plainRequest } from './plain-request.ts'

/** The client of a connection on which the extensions in the union E are registered. */
export type DruidClient<E = never> = ClientBase & ClientMethods<E> & ClusterAccess<E>

type Reserved =
  | `client.${keyof ClientBase & string}`
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
type Uncertain<E> = ClientBase & Partial<ClientMethods<E>> & UncertainClusterAccess<E>
/** An extension without types (`any`) adds nothing, rather than hiding what the others add. */
type Known<E extends readonly unknown[]> = {
  [I in keyof E]: 0 extends 1 & E[I] ? AnyExtension : E[I]
}
type Connected<E extends readonly unknown[], D> = E extends unknown
  ? number extends E['length']
    ? Uncertain<E[number]> & DruidClient<D>
    : DruidClient<E[number] | D>
  : never
/** By a conditional type on purpose: a bare parameter would be inferred from the expected type. */
type Found<S> = S extends { readonly '~types'?: infer D } ? Exclude<D, undefined> : never

export interface ConnectOptions<E extends readonly unknown[] = readonly [], S = DiscoverySet<never>>
  extends ConnectionOptions {
  /** The extensions of this connection, in order: of two that claim one name the first gets it. */
  readonly extensions?:
    | (E & CheckExtensions<Known<E>, Reserved, DruidClient<Known<E>[number] | Found<S>>>)
    | undefined
  /** What `discover()` found. Listed extensions come before it. */
  readonly discovered?: S | undefined
}

const OPTIONS = [
  'auth',
  'context',
  'discovered',
  'extensionOptions',
  'extensions',
  'headers',
  'onExtensionError',
  'transport',
]

/**
 * A client for the Druid behind this URL, of a Router or a Broker; a path in it is a prefix (a
 * reverse proxy's). Sends nothing yet. User and password may stand in the URL.
 *
 * @throws DruidError `CONFIG` for a bad URL or option. With `onExtensionError: 'throw'`, an
 * AggregateError of the extensions that failed.
 */
export function connect<
  const E extends readonly AnyExtension[] = readonly [],
  S extends DiscoverySet<unknown> = DiscoverySet<never>,
>(url: string | URL, options: ConnectOptions<E, S> = {}): Connected<Known<E>, Found<S>> {
  checkNames(options, OPTIONS, 'connect')
  const { base, auth } = addressOf(url)
  const connection = openConnection({
    base,
    transport: options.transport ?? platformTransport(),
    authorization: authorization(options.auth ?? auth),
    headers: options.headers ?? {},
  })
  const shared: SharedConnection = { connection, registry: NONE, closing: undefined }
  const client = new Client(shared, { context: options.context })
  const listed = (options.extensions ?? []) as readonly AnyExtension[]
  const { extensionOptions } = options
  const registry = register(candidatesOf(listed, options.discovered), {
    client,
    clusterContext: (trusted) => clusterContext(connection, trusted),
    optionsOf: (extension) => extension['~options'] ?? extensionOptions?.[extension.name],
  })
  const reports = [...registry.reports, ...(options.discovered?.reports ?? [])]
  shared.registry = { ...registry, reports: Object.freeze(reports) }
  tellFailures(reports, options.onExtensionError ?? 'warn')
  shared.registry.patch(client)
  return client as unknown as Connected<Known<E>, Found<S>>
}

const NONE: Registry = {
  reports: [],
  patch() {},
  client(extension) {
    const name = typeof extension === 'string' ? extension : extension.name
    throw new DruidError('EXTENSION', `extension "${name}": connect() has not returned yet`, {
      extension: name,
    })
  },
  async dispose() {},
}

function candidatesOf(
  listed: readonly AnyExtension[],
  discovered: DiscoverySet<unknown> | undefined,
): Candidate[] {
  return [
    ...listed.map(
      (extension) => ({ extension, source: 'explicit', trusted: true, ms: 0 }) as const,
    ),
    ...(discovered?.extensions ?? []).map(
      (found) => ({ ...found, source: 'discovered', trusted: found.allowed }) as const,
    ),
  ]
}

/** Lets the class behind `client.cluster()` speak to servers that the application did not name. */
function clusterContext(connection: Connection, trusted: boolean): ClusterContext {
  return {
    url: new URL(connection.base),
    service(url) {
      connection.admit(url, { credentials: trusted })
      return {
        url,
        async request<T>(
          method: string,
          path: string,
          body?: unknown,
          options: PlainRequestOptions = {},
        ): Promise<T> {
          const target = resolvePath(url, path)
          return plainRequest(connection, method, target, body, options, {}) as Promise<T>
        },
      }
    },
  }
}
