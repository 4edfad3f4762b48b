import { setTimeout as sleep } from 'node:timers/promises'
import type { Properties } from './services.ts'

/** Basic authentication and authorisation, by Druid's extension `druid-basic-security`. */
export interface Security {
  /** Of the user `admin`, who may do everything. */
  readonly adminPassword: string
  /** Of the user `druid_system`, as whom the services call one another. Default: the same. */
  readonly internalPassword?: string | undefined
  /** Further users, made when the services are up. */
  readonly users?: readonly User[] | undefined
}

export interface User {
  readonly name: string
  readonly password: string
  /** What the user may do. Default: nothing. */
  readonly permissions?: readonly Permission[] | undefined
}

/** As `druid-basic-security` takes it; the name of a resource is a regular expression. */
export interface Permission {
  readonly resource: { readonly name: string; readonly type: string }
  readonly action: 'READ' | 'WRITE'
}

export const SECURITY_EXTENSION = 'druid-basic-security'

/** Name of the authenticator and of the authorizer. */
const BASIC = 'basic'

/** Throws for a password that Druid takes and then never lets in. */
export function checkSecurity({ adminPassword, internalPassword, users = [] }: Security): void {
  for (const password of [adminPassword, internalPassword, ...users.map((it) => it.password)]) {
    if (password === undefined || (password !== '' && !password.includes(':'))) continue
    throw new Error('security: a password is not empty, and Druid takes none with a colon')
  }
}

export function securityProperties({ adminPassword, internalPassword }: Security): Properties {
  const internal = internalPassword ?? adminPassword
  return {
    'druid.auth.authenticatorChain': JSON.stringify([BASIC]),
    'druid.auth.authenticator.basic.type': 'basic',
    'druid.auth.authenticator.basic.initialAdminPassword': adminPassword,
    'druid.auth.authenticator.basic.initialInternalClientPassword': internal,
    'druid.auth.authenticator.basic.credentialsValidator.type': 'metadata',
    'druid.auth.authenticator.basic.skipOnFailure': false,
    'druid.auth.authenticator.basic.authorizerName': BASIC,
    'druid.escalator.type': 'basic',
    'druid.escalator.internalClientUsername': 'druid_system',
    'druid.escalator.internalClientPassword': internal,
    'druid.escalator.authorizerName': BASIC,
    'druid.auth.authorizers': JSON.stringify([BASIC]),
    'druid.auth.authorizer.basic.type': 'basic',
    // How soon the other services hear of users and permissions.
    'druid.auth.basic.common.pollingPeriod': 1_000,
    'druid.auth.basic.common.maxRandomDelay': 100,
  }
}

/** The header by which the administrator calls; none where nobody asks for it. */
export function adminHeaders(security: Security | undefined): Record<string, string> {
  return security === undefined ? {} : basicHeader('admin', security.adminPassword)
}

function basicHeader(user: string, password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
}

export interface SecuredCluster {
  readonly routerUrl: string
  readonly security: Security
  readonly signal?: AbortSignal | undefined
}

/**
 * Makes the users, each with a role of its own name, and waits until a Broker knows them. A user that
 * is there already, from an earlier start, gets the password and the permissions anew.
 */
export async function makeUsers(cluster: SecuredCluster): Promise<void> {
  const { routerUrl, security, signal } = cluster
  const post = async (path: string, body?: unknown): Promise<void> => {
    const response = await fetch(
      `${routerUrl}/proxy/coordinator/druid-ext/basic-security/${path}`,
      {
        method: 'POST',
        headers: { ...adminHeaders(security), 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      },
    )
    const text = await response.text()
    if (response.ok || /already exists/.test(text)) return
    throw new Error(`POST ${path} answered ${response.status}: ${text.slice(0, 300)}`)
  }
  for (const { name, password, permissions = [] } of security.users ?? []) {
    const id = encodeURIComponent(name)
    await post(`authentication/db/${BASIC}/users/${id}`)
    await post(`authentication/db/${BASIC}/users/${id}/credentials`, { password })
    await post(`authorization/db/${BASIC}/users/${id}`)
    await post(`authorization/db/${BASIC}/roles/${id}`)
    await post(`authorization/db/${BASIC}/roles/${id}/permissions`, permissions)
    await post(`authorization/db/${BASIC}/users/${id}/roles/${id}`).catch((error: unknown) => {
      // Given to the user by an earlier start.
      if (!/already has role/.test(String(error))) throw error
    })
  }
  for (const user of security.users ?? []) await untilKnown(user, cluster)
}

const PROPAGATION = 30_000

/** Whether it may or not: a user that a service knows is not refused with 401. */
async function untilKnown({ name, password }: User, cluster: SecuredCluster): Promise<void> {
  const { routerUrl, signal } = cluster
  const deadline = performance.now() + PROPAGATION
  for (;;) {
    const response = await fetch(`${routerUrl}/druid/v2/sql`, {
      method: 'POST',
      headers: { ...basicHeader(name, password), 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'SELECT 1' }),
      ...(signal && { signal }),
    })
    await response.body?.cancel()
    if (response.ok) return
    if (performance.now() > deadline) {
      throw new Error(`the user "${name}" is not known after ${PROPAGATION / 1000} s`)
    }
    await sleep(200, undefined, { signal })
  }
}
