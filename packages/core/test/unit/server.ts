import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as it arrived. */
export interface Arrived {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface TestServer extends AsyncDisposable {
  readonly url: string
  /** In the order they came. */
  readonly arrived: Arrived[]
  /** Those of one method. */
  by(method: string): Arrived[]
  /** How many sockets are open. */
  connections(): Promise<number>
  close(): Promise<void>
}

/** An HTTP server that does what it is told with each request: also what no good server does. */
export async function serve(
  handler: (request: Arrived, response: ServerResponse) => unknown,
): Promise<TestServer> {
  const arrived: Arrived[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const { method = '', url: path = '', headers } = request
    const one = { method, path, headers, body }
    arrived.push(one)
    await handler(one, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  function close(): Promise<void> {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(() => resolve()))
  }
  return {
    url: `http://127.0.0.1:${port}`,
    arrived,
    by: (method) => arrived.filter((one) => one.method === method),
    connections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
      }),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** A URL where nothing listens. */
export async function deadUrl(): Promise<string> {
  const server = await serve(() => {})
  await server.close()
  return server.url
}

/** The `sqlQueryId` that a query was sent with. */
export function queryIdOf(request: Arrived | undefined): string {
  return (JSON.parse(request?.body ?? '{}') as { context: { sqlQueryId: string } }).context
    .sqlQueryId
}
