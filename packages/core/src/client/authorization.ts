import { DruidError, messageOf } from '../error/error.ts'
import { quoted } from '../error/quoted.ts'
import type { Owned } from '../extension/parts.ts'
import type { AuthProvider, AuthRequest } from '../extension/points.ts'
import { synchronous } from '../extension/synchronous.ts'
import type { Auth } from './options.ts'
import { tokenSource } from './token.ts'

/** Says who calls. */
export interface Authorization {
  /** The headers to send; `undefined` for nobody. `refused`: those that a server answered 401 to. */
  headers(request: AuthRequest, refused?: AuthHeaders): Promise<AuthHeaders> | undefined
  /** Whether others may do after a 401. */
  readonly renews: boolean
}

export type AuthHeaders = Readonly<Record<string, string>>

/**
 * RFC 7617 and RFC 6750. Credentials are sent with the first request: Druid needs no challenge.
 * Throws `CONFIG` for what no server can read.
 */
export function authorization(auth: Auth | undefined): Authorization {
  if (auth === undefined) return { headers: () => undefined, renews: false }
  if (typeof auth === 'function') {
    const failed = (why: string, cause?: unknown): DruidError =>
      new DruidError('CONFIG', `auth: the function ${why}`, { option: 'auth', cause })
    return { headers: (request) => asked(auth, request, failed), renews: true }
  }
  if (typeof auth !== 'object' || auth === null) throw wrongAuth()
  if ('token' in auth) {
    checkKeys(auth, ['token'])
    const { token } = auth
    if (typeof token === 'string' && token !== '') return fixed(`Bearer ${token}`)
    if (typeof token !== 'function') throw wrongAuth()
    return { headers: tokenSource(token), renews: true }
  }
  checkKeys(auth, ['user', 'password'])
  const { user, password } = auth
  if (typeof user !== 'string' || typeof password !== 'string') throw wrongAuth()
  if (user.includes(':')) {
    throw new DruidError('CONFIG', 'connect: a user name with a colon cannot be sent (RFC 7617)', {
      option: 'auth',
    })
  }
  return fixed(`Basic ${base64(`${user}:${password}`)}`)
}

/** What is misspelt must not be left out without a word. */
function checkKeys(auth: object, known: readonly string[]): void {
  const unknown = Object.keys(auth).find((key) => !known.includes(key))
  if (unknown === undefined) return
  const why = `connect: auth of { ${known.join(', ')} } has no ${quoted(unknown)}`
  throw new DruidError('CONFIG', why, { option: 'auth' })
}

function fixed(value: string): Authorization {
  const headers = Promise.resolve({ authorization: value })
  return { headers: () => headers, renews: false }
}

type Failed = (why: string, cause?: unknown) => DruidError

/** What a provider answers, checked. It cannot change the request by its URL. */
async function asked(
  provider: AuthProvider,
  request: AuthRequest,
  failed: Failed,
): Promise<AuthHeaders> {
  let headers: AuthHeaders | undefined
  try {
    headers = await provider({ ...request, url: new URL(request.url) })
  } catch (cause) {
    throw failed(`failed: ${messageOf(cause)}`, cause)
  }
  if (typeof headers === 'object' && headers !== null) return headers
  throw failed('answered with what are no headers: { name: value }')
}

/** The provider of an extension, which the application chose by name. */
export function provided(
  auths: ReadonlyMap<string, Owned<() => AuthProvider>>,
  name: string,
): Authorization {
  const found = auths.get(name)
  if (found === undefined) {
    const there = [...auths.keys()].join(', ') || 'none'
    // Not the name: who gives a password or a token in its place must not find it in a log.
    const why = `connect: auth names a provider that no extension of this connection registers (registered: ${there}); credentials are { user, password } or { token }`
    throw new DruidError('CONFIG', why, { option: 'auth' })
  }
  const { extension, part: create } = found
  const failed = (why: string, cause?: unknown): DruidError =>
    new DruidError('EXTENSION', `extension "${extension}": auth "${name}" ${why}`, {
      extension,
      cause,
    })
  let provider: AuthProvider
  try {
    provider = synchronous(create())
  } catch (cause) {
    throw failed(`could not be set up: ${messageOf(cause)}`, cause)
  }
  if (typeof provider !== 'function') throw failed('is no function of a request')
  return { headers: (request) => asked(provider, request, failed), renews: true }
}

function wrongAuth(): DruidError {
  return new DruidError(
    'CONFIG',
    'connect: auth is { user, password }, { token }, a function of a request, or the name of a provider that an extension registers',
    { option: 'auth' },
  )
}

/** Of the UTF-8 bytes, as Druid decodes it; btoa alone fails beyond Latin-1. */
function base64(text: string): string {
  return btoa(
    Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''),
  )
}
