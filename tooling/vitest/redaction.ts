import { subscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import { afterEach, expect } from 'vitest'

/**
 * Part of every test: no error of the library, whoever catches it, shows a credential that the test's
 * file sent. What is a credential is learned from the requests themselves.
 */
const secrets = new Set<string>()
const errors: Error[] = []

/** Shorter ones are found in any text. */
const SHORTEST = 8

/** Of one test: some produce them by the thousand. */
const MOST = 1_000

function learn(authorization: unknown): void {
  if (typeof authorization !== 'string') return
  const [scheme, value = ''] = authorization.split(' ')
  const plain = scheme === 'Basic' ? Buffer.from(value, 'base64').toString() : ''
  const password = plain.slice(plain.indexOf(':') + 1)
  for (const secret of [value, password]) if (secret.length >= SHORTEST) secrets.add(secret)
}

subscribe('http.client.request.start', (message) => {
  const { request } = message as { request: { getHeader(name: string): unknown } }
  learn(request.getHeader('authorization'))
  learn(request.getHeader('proxy-authorization'))
})
subscribe('undici:request:create', (message) => {
  const { headers } = (message as { request: { headers: string | readonly string[] } }).request
  const all = typeof headers === 'string' ? headers.split(/:\s*|\r\n/) : [...headers]
  learn(all[all.findIndex((name) => name.toLowerCase() === 'authorization') + 1])
})

/** Every error that is made by code which is loaded after this. */
const construct: ProxyHandler<ErrorConstructor>['construct'] = (target, args, newTarget) => {
  const error = Reflect.construct(target, args, newTarget) as Error
  if ('~druidError' in error && errors.length < MOST) errors.push(error)
  return error
}
globalThis.Error = new Proxy(Error, { construct })

afterEach(() => {
  const made = errors.splice(0)
  if (secrets.size === 0) return
  for (const error of made) {
    const shown = [
      inspect(error, { depth: 20, showHidden: true, getters: true }),
      JSON.stringify(error),
      error.stack,
    ]
    const found = [...secrets].filter((secret) => shown.some((text) => text?.includes(secret)))
    expect(found, `in ${error.message}`).toEqual([])
  }
})
