import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as it arrived. */
export interface Arrived {
  readonly method: string
  readonly path: string
  readonly body: string
}

/** A reply to be sent: JSON of an object, or text as it is. */
export interface Reply {
  readonly status: number
  readonly body?: unknown
  readonly type?: string
}

/** How the server treats the next query submitted. */
export interface Plan {
  readonly id?: string
  /** The state at submit, then one for each question; the last one stays. */
  readonly states?: readonly string[]
  readonly resultFormat?: string
  readonly engine?: string
  readonly error?: unknown
  /** The result file. */
  readonly file?: string
  /** Talaria keeps results of a query that is cancelled. */
  readonly keeps?: boolean
}

type Query = Plan & { readonly id: string; readonly states: readonly string[]; asked: number }

/**
 * A Broker with Imply's async downloads, as its documentation describes them: 202 with the first
 * status, one status an id, 404 without a body for what it does not know.
 */
export async function startImply(): Promise<{
  readonly url: string
  readonly arrived: Arrived[]
  plan(plan: Plan): void
  /** Answers the next request of that method and path in another way. */
  answer(method: string, path: string, reply: Reply): void
  /** What the retention time does. */
  expire(id: string): void
  readonly ids: () => string[]
  close(): Promise<void>
}> {
  const arrived: Arrived[] = []
  const queries = new Map<string, Query>()
  const plans: Plan[] = []
  const answers: { method: string; path: string; reply: Reply }[] = []
  let submitted = 0

  function status(query: Query): unknown {
    const { id, states, resultFormat, engine, error } = query
    const state = states[Math.min(query.asked, states.length - 1)]
    const ended = state === 'COMPLETE'
    return {
      asyncResultId: id,
      state,
      ...(resultFormat !== undefined && { resultFormat }),
      ...(ended && query.file !== undefined && { resultLength: Buffer.byteLength(query.file) }),
      ...(engine !== undefined && { engine }),
      ...((state === 'FAILED' || state === 'UNDETERMINED') && error !== undefined && { error }),
    }
  }

  function reply({ method, path, body }: Arrived): Reply {
    const planned = answers.findIndex((one) => one.method === method && one.path === path)
    if (planned >= 0) return (answers.splice(planned, 1)[0] as { reply: Reply }).reply
    const [, rawId, part] = /^\/druid\/v2\/sql\/async(?:\/([^/]+))?(\/\w+)?$/.exec(path) ?? []
    if (method === 'POST' && path === '/druid/v2/sql/async') {
      submitted += 1
      const { resultFormat = 'object' } = JSON.parse(body) as { resultFormat?: string }
      const plan = plans.shift() ?? {}
      const query: Query = {
        id: `broker-${submitted}`,
        states: ['INITIALIZED', 'RUNNING', 'COMPLETE'],
        resultFormat,
        ...plan,
        asked: 0,
      }
      queries.set(query.id, query)
      return { status: 202, body: status(query) }
    }
    const query = queries.get(decodeURIComponent(rawId ?? ''))
    if (query === undefined) return { status: 404 }
    if (method === 'DELETE' && part === undefined) {
      if (query.keeps !== true) queries.delete(query.id)
      return { status: 202 }
    }
    if (method === 'GET' && part === '/status') {
      query.asked += 1
      return { status: 200, body: status(query) }
    }
    const done = query.states[Math.min(query.asked, query.states.length - 1)] === 'COMPLETE'
    if (method === 'GET' && part === '/results' && done && query.file !== undefined) {
      return { status: 200, body: query.file }
    }
    return { status: 404 }
  }

  const server = createServer(async (request, response) => {
    const { method = '', url: path = '' } = request
    const one = { method, path, body: await textOf(request) }
    arrived.push(one)
    const { status: code, body, type = 'application/json' } = reply(one)
    response.writeHead(code, { 'content-type': type })
    response.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    arrived,
    plan: (plan) => plans.push(plan),
    answer: (method, path, planned) => answers.push({ method, path, reply: planned }),
    expire: (id) => queries.delete(id),
    ids: () => [...queries.keys()],
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

export type ImplyServer = Awaited<ReturnType<typeof startImply>>

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk
  return text
}

/** A result file of the format `arrayLines` with its three header rows, as Druid writes it. */
export function resultFile(
  columns: readonly (readonly [name: string, nativeType: string | null, sqlType: string | null])[],
  ...rows: readonly string[]
): string {
  const header = [0, 1, 2].map((i) => JSON.stringify(columns.map((column) => column[i])))
  return `${[...header, ...rows].join('\n')}\n\n`
}
