import { defineExtension, type Extension } from '@druid/core/extension'

/** A request that left, and what came. */
export interface Asked {
  readonly method: string
  readonly url: URL
  readonly status: number
}

/** An extension that notes every request of a connection: more than hooks, which see no query string. */
export function recorder(): { readonly extension: Extension<'recorder'>; readonly asked: Asked[] } {
  const asked: Asked[] = []
  const extension = defineExtension({
    name: 'recorder',
    setup(context) {
      context.use(
        async (request, next) => {
          const response = await next(request)
          const { method, url } = request
          asked.push({ method, url: new URL(url), status: response.status })
          return response
        },
        { phase: 'late' },
      )
    },
  })
  return { extension, asked }
}

/** Whether a request is one for an endpoint, with the query that it has and no other. */
export function isFor({ method, url }: Asked, endpoint: string): boolean {
  const [verb = '', target = ''] = endpoint.split(' ')
  const [path = '', query = ''] = target.replace('[?', '?[').split('?')
  // Through the Router's proxy what is not the Coordinator's or Overlord's own prefix has one.
  const pathname = url.pathname.replace(/^\/proxy\/(?:coordinator|overlord)(?=\/)/, '')
  return method === verb && pattern(path).test(pathname) && sameQuery(url, query)
}

function pattern(path: string): RegExp {
  const parts = path.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('[^/]+')}$`)
}

function sameQuery(url: URL, query: string): boolean {
  const [always = '', ...optional] = query.split('[')
  const required = always.split('&').filter(Boolean).map(splitParameter)
  const allowed = optional.flatMap((it) =>
    it.replace(']', '').split('&').filter(Boolean).map(splitParameter),
  )
  const sent = [...url.searchParams]
  const fits = (
    [name, value]: readonly [string, string],
    [key, given]: [string, string],
  ): boolean => name === key && (value === given || value.startsWith('{'))
  return (
    required.every((it) => sent.some((parameter) => fits(it, parameter))) &&
    sent.every((parameter) => [...required, ...allowed].some((it) => fits(it, parameter)))
  )
}

function splitParameter(text: string): readonly [string, string] {
  const [name = '', value = ''] = text.split('=')
  return [name, value]
}
