import type { FakeReply } from '../fake/reply.ts'

export type Bytes = AsyncIterable<Uint8Array>

/** A reply to be sent: what Druid says, or a stand-in. */
export interface Reply {
  readonly status: number
  /** Names and values in turn, as they are written. */
  readonly headers: readonly string[]
  readonly body: Bytes
  /** After the body; in the same form. */
  trailers(): readonly string[]
}

/** A reply of the fake on its way to a socket. */
export function fromFake({ status, headers, body, trailers }: FakeReply): Reply {
  return {
    status,
    headers: Object.entries(headers).flat(),
    body: bytesOf(body),
    trailers: () => Object.entries(trailers?.() ?? {}).flat(),
  }
}

async function* bytesOf(body: FakeReply['body']): Bytes {
  const utf8 = new TextEncoder()
  if (typeof body !== 'function') {
    yield typeof body === 'string' ? utf8.encode(body) : body
    return
  }
  for await (const text of body()) yield utf8.encode(text)
}
