import { DruidError } from '../error/error.ts'
import { resolvePath, withoutUserinfo } from './address.ts'

/** The servers that a connection may speak to. */
export interface Servers {
  /** The first of those given to `connect`. */
  readonly first: URL
  /**
   * Where a request goes: a path to the server that is to be tried first now, a URL as it is. Throws
   * `CONFIG` for a URL of another server.
   */
  locate(target: string | URL): Located
  /** Whether it is a URL of one of them. */
  has(url: URL): boolean
  /** Whether it is one of those given to `connect`. */
  isGiven(url: URL): boolean
  /** The path at the one of `connect`'s servers that has this URL. */
  beside(url: URL, path: string): URL
  /** What tells the server of a URL from the others: of one of `connect`'s, its whole base. */
  keyOf(url: URL): string
  /**
   * The same request at another of `connect`'s servers, which is none of those (keys); `undefined` where
   * there is no other.
   */
  elsewhere(url: URL, tried: ReadonlySet<string>): URL | undefined
  /** It cannot be reached: for a while the others go first. */
  failed(url: URL): void
  /** It answered. */
  reached(url: URL): void
  /** Makes an address one of them. */
  admit(url: URL, options: { readonly credentials: boolean }): void
}

export interface Located {
  readonly url: URL
  /** Whether it is told who calls. */
  readonly credentials: boolean
}

/** So long a server that could not be reached is passed over, in milliseconds. */
const PASSED_OVER = 10_000

/** `bases`: in the order in which they are tried. */
export function serversOf(bases: readonly [URL, ...URL[]]): Servers {
  const [first] = bases
  const servers = new Map<string, { readonly credentials: boolean }>()
  for (const { origin } of bases) servers.set(origin, { credentials: true })
  /** Base → when it may be tried again. */
  const down = new Map<URL, number>()

  /** A server whose time is over is tried by one request; the others wait for what comes of it. */
  function current(): URL {
    if (down.size === 0) return first
    const back = bases.find((base) => down.has(base) && isUp(base))
    if (back !== undefined && back === bases.find(isUp)) {
      down.set(back, performance.now() + PASSED_OVER)
      return back
    }
    // All of them are down: the one that has been so the longest.
    return bases.find(isUp) ?? [...down].reduce((a, b) => (b[1] < a[1] ? b : a))[0]
  }

  function isUp(base: URL): boolean {
    return (down.get(base) ?? 0) <= performance.now()
  }

  function baseOf(url: URL): URL | undefined {
    const above = bases.filter(
      (base) => base.origin === url.origin && `${url.pathname}/`.startsWith(`${prefixOf(base)}/`),
    )
    return above.reduce<URL | undefined>(
      (a, b) => (a === undefined || prefixOf(b).length > prefixOf(a).length ? b : a),
      undefined,
    )
  }

  return {
    first,
    locate(target) {
      const url =
        typeof target === 'string' && target.startsWith('/')
          ? resolvePath(current(), target)
          : absolute(target)
      const server = servers.get(url.origin)
      if (server !== undefined) return { url, credentials: server.credentials }
      throw new DruidError(
        'CONFIG',
        `request: ${url.origin} is not a server of this connection (${first.origin}); use a path, or a server that client.cluster() knows`,
        { option: 'path' },
      )
    },
    has: (url) => servers.has(url.origin),
    isGiven: (url) => baseOf(url) !== undefined,
    beside: (url, path) => resolvePath(baseOf(url) ?? current(), path),
    keyOf: (url) => (baseOf(url) ?? url.origin).toString(),
    elsewhere(url, tried) {
      const base = baseOf(url)
      const others = bases.filter((other) => !tried.has(other.toString()))
      const other = others.find(isUp) ?? others[0]
      if (base === undefined || other === undefined) return undefined
      const path = url.pathname.slice(prefixOf(base).length)
      return new URL(`${other.origin}${prefixOf(other)}${path}${url.search}`)
    },
    failed(url) {
      const base = baseOf(url)
      if (base !== undefined && bases.length > 1) down.set(base, performance.now() + PASSED_OVER)
    },
    reached(url) {
      if (down.size === 0) return
      const base = baseOf(url)
      if (base !== undefined) down.delete(base)
    },
    admit(url, options) {
      if (!servers.has(url.origin)) servers.set(url.origin, options)
    },
  }
}

function prefixOf(base: URL): string {
  return base.pathname.replace(/\/+$/, '')
}

function absolute(target: string | URL): URL {
  const url = URL.canParse(String(target)) ? new URL(target) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new DruidError(
      'CONFIG',
      'request: the path must begin with "/", or be the URL of a server of this connection',
      { option: 'path' },
    )
  }
  return withoutUserinfo(url)
}
