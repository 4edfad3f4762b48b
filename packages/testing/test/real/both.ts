import { type IncomingMessage, request } from 'node:http'
import type { FakeDruid } from '@druid/testing'

/** A request that is sent to a real Druid and to the fake. */
export interface Sent {
  readonly method: string
  readonly url: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** All of a reply that can be compared. */
export interface Got {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly trailers: Readonly<Record<string, string>>
  readonly body: string
}

/** Of the framing and the clock. */
const LEFT_OUT = ['date', 'content-length', 'transfer-encoding', 'connection']

const JSON_HEADERS = { accept: 'application/json', 'content-type': 'application/json' }

function textOf(body: unknown): string | undefined {
  return body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
}

export function fromReal({ method, url, body, headers = JSON_HEADERS }: Sent): Promise<Got> {
  const text = textOf(body)
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method,
      headers: {
        ...headers,
        ...(text !== undefined && { 'content-length': Buffer.byteLength(text) }),
      },
    })
    outgoing.on('error', reject)
    outgoing.on('response', async (message: IncomingMessage) => {
      let content = ''
      try {
        for await (const chunk of message.setEncoding('utf8')) content += chunk
        resolve({
          status: message.statusCode ?? 0,
          headers: comparable(message.rawHeaders),
          trailers: comparable(message.rawTrailers),
          body: content,
        })
      } catch (error) {
        reject(error as Error)
      }
    })
    outgoing.end(text)
  })
}

function comparable(raw: readonly string[]): Record<string, string> {
  const pairs: [string, string][] = []
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase()
    if (!LEFT_OUT.includes(name)) pairs.push([name, raw[i + 1] ?? ''])
  }
  return Object.fromEntries(pairs.sort())
}

export async function fromFake(
  fake: FakeDruid,
  { method, url, body, headers = JSON_HEADERS }: Sent,
): Promise<Got> {
  const reply = await fake.transport.request({
    method,
    url: new URL(url),
    headers,
    body: textOf(body),
    idempotent: true,
  })
  const utf8 = new TextDecoder()
  let content = ''
  for await (const chunk of reply.body) content += utf8.decode(chunk, { stream: true })
  const sorted = (from: Headers | undefined): Record<string, string> =>
    Object.fromEntries([...(from ?? [])].sort())
  return {
    status: reply.status,
    headers: sorted(reply.headers),
    trailers: sorted(reply.body.trailers()),
    body: content,
  }
}
