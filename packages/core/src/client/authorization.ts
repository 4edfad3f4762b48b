import { DruidError, messageOf } from '../error/error.ts'
import type { Owned } from '../extension/parts.ts'
import type { AuthProvider, AuthRequest } from '../extension/points.ts'
import { synchronous } from '../extension/synchronous.ts'
import type { Auth } from './options.ts'

/** The headers that say who calls; `undefined` for nobody. */
export type Authorization = (
  request: AuthRequest,
) => Promise<Readonly<Record<string, string>>> | undefined

/**
 * RFC 7617 and RFC 6750. Credentials are sent with the first request: Druid needs no challenge.
 * Throws `CONFIG` for what no server can read.
 */
export function authorization(auth: Auth | undefined): Authorization {
  if (auth === undefined) return () => undefined
  if (typeof auth !== 'object' || auth === null) throw wrongAuth()
  if ('token' in auth) {
    const { token } = auth
    if (typeof token !== 'function' && (typeof token !== 'string' || token === '')) {
      throw wrongAuth()
    }
    return async () => ({ authorization: `Bearer ${await tokenOf(token)}` })
  }
  const { user, password } = auth
  if (typeof user !== 'string' || typeof password !== 'string') throw wrongAuth()
  if (user.includes(':')) {
    throw new DruidError('CONFIG', 'connect: a user name with a colon cannot be sent (RFC 7617)', {
      option: 'auth',
    })
  }
  const header = { authorization: `Basic ${base64(`${user}:${password}`)}` }
  return async () => header
}

async function tokenOf(token: string | (() => string | Promise<string>)): Promise<string> {
  if (typeof token === 'string') return token
  const failed = (why: string, cause?: unknown): DruidError =>
    new DruidError('CONFIG', `auth: the token provider ${why}`, { option: 'auth', cause })
  let given: unknown
  try {
    given = await token()
  } catch (cause) {
    throw failed(`failed: ${messageOf(cause)}`, cause)
  }
  if (typeof given === 'string' && given !== '') return given
  throw failed(given === '' ? 'gave an empty token' : `gave a value of type ${typeof given}`)
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
  return async (request) => {
    let headers: Readonly<Record<string, string>> | undefined
    try {
      headers = await provider({ method: request.method, url: new URL(request.url) })
    } catch (cause) {
      throw failed(`failed: ${messageOf(cause)}`, cause)
    }
    if (typeof headers === 'object' && headers !== null) return headers
    throw failed('answered with what are no headers: { name: value }')
  }
}

function wrongAuth(): DruidError {
  return new DruidError(
    'CONFIG',
    'connect: auth is { user, password }, { token }, or the name of a provider that an extension registers',
    { option: 'auth' },
  )
}

/** Of the UTF-8 bytes, as Druid decodes it; btoa alone fails beyond Latin-1. */
function base64(text: string): string {
  return btoa(
    Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''),
  )
}
