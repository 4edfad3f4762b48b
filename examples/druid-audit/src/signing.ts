import { DruidError } from '@druid/core/extension'
import type { SigningKey } from './options.ts'

/**
 * What Acme's gateways ask for: an HMAC-SHA256 of method, path and date, made anew for each request.
 *
 * @throws DruidError `CONFIG` without a key, at `connect`.
 */
export function signing(
  key: SigningKey | undefined,
): (request: { readonly method: string; readonly url: URL }) => Promise<Record<string, string>> {
  if (key === undefined) {
    throw new DruidError('CONFIG', "auth: 'acme' needs audit.with({ signing: { id, secret } })", {
      option: 'signing',
    })
  }
  const { id, secret } = key
  const bytes = new TextEncoder()
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  let imported: Promise<CryptoKey> | undefined
  return async ({ method, url }) => {
    imported ??= crypto.subtle.importKey('raw', bytes.encode(secret), algorithm, false, ['sign'])
    const date = new Date().toISOString()
    const text = `${method}\n${url.pathname}${url.search}\n${date}`
    const mac = new Uint8Array(await crypto.subtle.sign('HMAC', await imported, bytes.encode(text)))
    const signature = btoa(String.fromCharCode(...mac))
    return { authorization: `Acme ${id}:${signature}`, 'x-acme-date': date }
  }
}
