import { DruidError } from '../error/error.ts'
import type { Auth } from './options.ts'

/** The `Authorization` header for each request, or nothing. */
export type Authorization = () => Promise<string | undefined>

/**
 * RFC 7617 and RFC 6750. Credentials are sent with the first request: Druid needs no challenge.
 * Throws `CONFIG` for what no server can read.
 */
export function authorization(auth: Auth | undefined): Authorization {
  if (auth === undefined) return async () => undefined
  if (typeof auth !== 'object' || auth === null) throw wrongAuth()
  if ('token' in auth) {
    const { token } = auth
    if (typeof token !== 'function' && (typeof token !== 'string' || token === '')) {
      throw wrongAuth()
    }
    return async () => `Bearer ${typeof token === 'function' ? await token() : token}`
  }
  const { user, password } = auth
  if (typeof user !== 'string' || typeof password !== 'string') throw wrongAuth()
  if (user.includes(':')) {
    throw new DruidError('CONFIG', 'connect: a user name with a colon cannot be sent (RFC 7617)', {
      option: 'auth',
    })
  }
  const header = `Basic ${base64(`${user}:${password}`)}`
  return async () => header
}

function wrongAuth(): DruidError {
  return new DruidError('CONFIG', 'connect: auth is { user, password } or { token }', {
    option: 'auth',
  })
}

/** Of the UTF-8 bytes, as Druid decodes it; btoa alone fails beyond Latin-1. */
function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}
