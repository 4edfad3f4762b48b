import type { FakeFault } from './fault.ts'
import { wrongFake } from './problem.ts'
import type { FakeReply } from './reply.ts'
import type { FakeRequest } from './request.ts'

/** What stands in a route for JSON: 200 with it. */
export type RouteData = string | number | boolean | null | object

/** What a request to a route is answered: a reply, a fault, or data, which becomes JSON. */
export type RouteAnswer = FakeReply | FakeFault | RouteData

/** `undefined`: as without the route. */
export type RouteHandler = (
  request: FakeRequest,
) => RouteAnswer | undefined | Promise<RouteAnswer | undefined>

/** `'GET /druid-ext/ranger/{id}'` → what it answers. */
export type Routes = Readonly<Record<string, RouteAnswer | RouteHandler>>

export interface Route {
  readonly method: string
  readonly pattern: RegExp
  readonly names: readonly string[]
  readonly answer: unknown
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS']

export function routesOf(routes: Routes = {}): Route[] {
  if (typeof routes !== 'object' || routes === null || Array.isArray(routes)) {
    throw wrongFake("routes is an object: { 'GET /path': answer }", 'routes')
  }
  return Object.entries(routes).map(([key, answer]) => {
    const [method = '', path = '', ...more] = key.split(' ')
    if (!METHODS.includes(method) || !/^\/[^?#]*$/.test(path) || more.length > 0) {
      throw wrongFake(
        `routes: "${key}" is none; write a method and a path without a query, e.g. 'GET /druid-ext/ranger/{id}' or 'GET /druid-ext/*'`,
        'routes',
      )
    }
    return { method, ...pathPattern(path), answer }
  })
}

/** A path with `{name}`s and a `*` at its end. */
export function pathPattern(path: string): Pick<Route, 'pattern' | 'names'> {
  const names: string[] = []
  const pattern = path
    .split(/(\{\w+\}|\*$)/)
    .map((part) => {
      if (part === '*') return '.*'
      if (!part.startsWith('{')) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      names.push(part.slice(1, -1))
      return '([^/]+)'
    })
    .join('')
  return { pattern: new RegExp(`^${pattern}$`), names }
}

/** The first route of that method and path, and what fills its `{…}`. */
export function routeAt(
  routes: readonly Route[],
  method: string,
  path: string,
): { readonly route: Route; readonly params: Record<string, string> } | undefined {
  for (const route of routes) {
    const match = route.method === method ? route.pattern.exec(path) : null
    if (match === null) continue
    const params = route.names.map((name, i) => [name, decoded(match[i + 1] ?? '')])
    return { route, params: Object.fromEntries(params) }
  }
  return undefined
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
