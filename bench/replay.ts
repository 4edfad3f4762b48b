/**
 * A server that answers with results made beforehand, so that what is measured is the reader. It
 * writes whole frames to the socket; a process of its own. `node replay.ts <rows>` prints its URL.
 *
 * What a query asks for is in a comment of its text: `-- rows=1000000 times=10 cut=0.6`.
 */

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type Format, framed, type Reply } from './bodies.ts'

const ready = new Map<string, Buffer[]>()

function pieces(reply: Reply): Buffer[] | Generator<Buffer> {
  if (reply.times > 1) return framed(reply)
  const key = JSON.stringify(reply)
  let made = ready.get(key)
  if (made === undefined) {
    made = [...framed(reply)]
    ready.set(key, made)
  }
  return made
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) body += chunk
  if (request.method === 'DELETE') {
    response.writeHead(202).end()
    return
  }
  const socket = response.socket
  if (socket === null) return
  const reply = replyTo(request, body)
  const head = [
    'HTTP/1.1 200 OK',
    'Content-Type: application/json',
    'X-Druid-SQL-Query-Id: an-id',
    'X-Druid-SQL-Header-Included: yes',
    'Transfer-Encoding: chunked',
    '\r\n',
  ].join('\r\n')
  // Not by `response`, whose framing costs more than the copy. Node sees the end of this exchange
  // by `assignSocket` only, so that one connection takes one bulk result, and small ones go on.
  if (reply.count <= 10) {
    response.writeHead(200, {
      'content-type': 'application/json',
      'x-druid-sql-query-id': 'an-id',
      'x-druid-sql-header-included': 'yes',
    })
    response.end(Buffer.concat([...framed(reply)].slice(0, -1).map(unframed)))
    return
  }
  socket.write(head)
  for (const piece of pieces(reply)) {
    if (socket.destroyed) return
    if (!socket.write(piece)) await drained(socket)
  }
  socket.end()
}

/** Until there is room, or nobody reads any more. */
async function drained(socket: Socket): Promise<void> {
  const over = new AbortController()
  try {
    const { signal } = over
    await Promise.race([once(socket, 'drain', { signal }), once(socket, 'close', { signal })])
  } finally {
    over.abort()
  }
}

function unframed(frame: Buffer): Buffer {
  return frame.subarray(frame.indexOf('\r\n') + 2, -2)
}

function replyTo(request: IncomingMessage, body: string): Reply {
  const said = new URL(request.url ?? '/', 'http://localhost').searchParams.get('query')
  // @clickhouse/client sends the text alone, and reads the lines of Druid as formats of its own.
  const isClickhouse = said !== null || !body.startsWith('{')
  const asked = isClickhouse ? { query: `${said ?? ''} ${body}` } : JSON.parse(body)
  const number = (name: string, otherwise: number): number =>
    Number(new RegExp(`${name}=([\\d.]+)`).exec(asked.query)?.[1] ?? otherwise)
  const cut = number('cut', 0)
  return {
    format: isClickhouse ? clickhouseFormat(asked.query) : (asked.resultFormat as Format),
    header: asked.header === true,
    types: asked.typesHeader === true,
    count: number('rows', 1),
    times: number('times', 1),
    ...(cut > 0 && { cut }),
  }
}

function clickhouseFormat(query: string): Format {
  return query.includes('JSONCompactEachRow') ? 'arrayLines' : 'objectLines'
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    process.stderr.write(`${error}\n`)
    response.destroy()
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
