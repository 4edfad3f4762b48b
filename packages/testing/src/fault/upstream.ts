import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { changesContent } from './content.ts'
import type { Asked } from './exchange.ts'
import type { Faults } from './faults.ts'
import { open } from './open.ts'
import type { FaultProxyOptions } from './proxy.ts'
import type { Reply } from './reply.ts'
import type { TlsMode } from './tls.ts'

/** A proxy to a Druid. See `faultProxy`. */
export function openProxy(
  druid: URL,
  target: NonNullable<FaultProxyOptions['target']>,
  tls: TlsMode | undefined,
): Promise<Faults> {
  const secure = druid.protocol === 'https:'
  const { ca, cert, key } = target
  const agent = secure
    ? new HttpsAgent({
        keepAlive: true,
        ...(ca && { ca }),
        ...(cert && { cert }),
        ...(key && { key }),
      })
    : new HttpAgent({ keepAlive: true })

  function ask(asked: Asked): Promise<Reply> {
    const { method, target: path, body, signal } = asked
    return new Promise((resolve, reject) => {
      const outgoing = (secure ? httpsRequest : httpRequest)({
        protocol: druid.protocol,
        hostname: druid.hostname.replace(/^\[|\]$/g, ''),
        port: druid.port,
        method,
        path,
        headers: headersFor(asked, druid.host),
        agent,
      })
      let message: IncomingMessage | undefined
      signal.addEventListener('abort', () => (message ?? outgoing).destroy())
      outgoing.on('error', reject)
      outgoing.on('response', (response) => {
        message = response
        resolve(fromDruid(response))
      })
      outgoing.end(body)
    })
  }

  return open(tls, ({ port }) => {
    const url = new URL(druid)
    url.protocol = tls === undefined ? 'http:' : 'https:'
    url.hostname = '127.0.0.1'
    url.port = String(port)
    return { url: url.href.replace(/\/$/, ''), source: ask, close: () => agent.destroy() }
  })
}

/** As they came, but for those of the framing; the body is sent in one piece. */
function headersFor({ headers, body, faults }: Asked, host: string): string[] {
  const left = ['host', 'connection', 'keep-alive', 'transfer-encoding', 'content-length', 'expect']
  // What changes the body must see it as it is.
  if (changesContent(faults)) left.push('accept-encoding')
  const sent = ['Host', host]
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string
    if (!left.includes(name.toLowerCase())) sent.push(name, headers[i + 1] as string)
  }
  if (body.length > 0) sent.push('Content-Length', String(body.length))
  return sent
}

function fromDruid(message: IncomingMessage): Reply {
  return {
    status: message.statusCode ?? 502,
    headers: message.rawHeaders,
    body: message,
    trailers: () => message.rawTrailers,
  }
}
