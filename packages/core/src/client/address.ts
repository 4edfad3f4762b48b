import { DruidError } from '../error/error.ts'
import { decodedUserinfo } from '../transport/url-parts.ts'
import type { Auth } from './options.ts'

/** Where a connection goes, and the credentials that its URLs held. */
export interface Address {
  /** Without userinfo, query and fragment. The path of one is a prefix of every request's. */
  readonly bases: readonly [URL, ...URL[]]
  readonly auth: Auth | undefined
}

/** Reads what was given to `connect`. Throws `CONFIG`, never repeating what may be a password. */
export function addressOf(input: string | URL | readonly (string | URL)[]): Address {
  const list: readonly (string | URL)[] = Array.isArray(input) ? input : [input]
  const [first, ...others] = list.map((one, i) => {
    return oneOf(one, list.length === 1 ? 'the URL' : `URL ${i + 1} of ${list.length}`)
  })
  if (first === undefined) {
    throw new DruidError('CONFIG', 'connect: the list of URLs is empty', { option: 'url' })
  }
  const auth = [first, ...others].find((one) => one.auth !== undefined)?.auth
  const isOther = (one: One): boolean =>
    one.auth !== undefined && JSON.stringify(one.auth) !== JSON.stringify(auth)
  if (others.some(isOther)) {
    const why = 'connect: the URLs name different users; they are servers of one cluster'
    throw new DruidError('CONFIG', why, { option: 'url' })
  }
  return { bases: [first.base, ...others.map(({ base }) => base)], auth }
}

interface One {
  readonly base: URL
  readonly auth: Auth | undefined
}

function oneOf(input: string | URL, which: string): One {
  let url: URL
  try {
    url = new URL(input)
  } catch {
    throw new DruidError(
      'CONFIG',
      `connect: ${which} is not valid; write e.g. http://localhost:8888`,
      {
        option: 'url',
      },
    )
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new DruidError(
      'CONFIG',
      `connect: ${which} begins with ${url.protocol}, not http: or https:`,
      {
        option: 'url',
      },
    )
  }
  if (url.search !== '' || url.hash !== '') {
    throw new DruidError(
      'CONFIG',
      `connect: ${which} may have a path, but no query and no fragment`,
      {
        option: 'url',
      },
    )
  }
  const auth =
    url.username === '' && url.password === ''
      ? undefined
      : { user: decodedUserinfo(url.username), password: decodedUserinfo(url.password) }
  return { base: withoutUserinfo(url), auth }
}

export function withoutUserinfo(url: URL): URL {
  const bare = new URL(url)
  bare.username = ''
  bare.password = ''
  return bare
}

/** A path of this server, below the base path if it has one. */
export function resolvePath(base: URL, path: string): URL {
  const why = refusal(path)
  // Not the path: it may be a URL with a password.
  if (why !== undefined) throw new DruidError('CONFIG', `request: ${why}`, { option: 'path' })
  return new URL(`${base.origin}${base.pathname.replace(/\/+$/, '')}${path}`)
}

/**
 * A name as one segment of a path, percent-encoded: `/druid/v2/${pathSegment(name)}`.
 * @throws DruidError `CONFIG` for what cannot be one: nothing, `.`, `..`, half a character.
 */
export function pathSegment(name: string): string {
  if (typeof name === 'string' && !/^\.{0,2}$|\p{Surrogate}/u.test(name)) {
    return encodeURIComponent(name)
  }
  throw new DruidError('CONFIG', `${JSON.stringify(name)} cannot be a name in a path`, {
    option: 'path',
  })
}

/** Why it is no path. What URLs resolve or drop by themselves would lead to another one. */
function refusal(path: unknown): string | undefined {
  if (typeof path !== 'string' || !path.startsWith('/')) return 'the path must begin with "/"'
  // URLs lose tabs, line breaks and a last blank without a word: `.\t.` would become `..`.
  if (/[\\#\p{Surrogate}\p{Control}]| $/u.test(path)) {
    return 'the path has a backslash, a #, a control character, half a character or a blank at its end; use encodeURIComponent for names in it'
  }
  const [segments = ''] = path.split('?')
  return segments.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment))
    ? 'the path has a segment "." or "..", which leads to another path'
    : undefined
}
