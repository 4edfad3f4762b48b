import type { TransportResponse } from '@druid/core'
import { isDruidError } from '@druid/core/extension'
import { type FakeDruid, type FakeDruidOptions, fakeDruid } from '../fake/fake.ts'
import { reply as replyWith } from '../fake/reply.ts'
import { headersOf } from './arrived.ts'
import type { Asked } from './exchange.ts'
import type { Faults } from './faults.ts'
import { open } from './open.ts'
import { fromFake, type Reply } from './reply.ts'
import type { TlsMode } from './tls.ts'

/** A fake Druid at a real socket. See `faultServer`. */
export async function openServer(
  options: Omit<FakeDruidOptions, 'servers'>,
  roles: readonly string[],
  tls: TlsMode | undefined,
): Promise<{ readonly faults: Faults; readonly fake: FakeDruid }> {
  let fake: FakeDruid | undefined
  const faults = await open(tls, ({ port }) => {
    const ports = tls === undefined ? { port } : { port: -1, tlsPort: port }
    const servers = roles.map((role) => ({ role, host: '127.0.0.1', ...ports }))
    const made = fakeDruid({ ...options, servers })
    const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`
    fake = made
    return { url, source: (asked) => answer(made, asked, url) }
  })
  return { faults, fake: fake as FakeDruid }
}

async function answer(fake: FakeDruid, asked: Asked, base: string): Promise<Reply> {
  const { method, target, headers, body, signal } = asked
  try {
    const response = await fake.transport.request({
      method,
      url: new URL(target, base),
      headers: headersOf(headers),
      body: body.length > 0 ? body.toString() : undefined,
      signal,
      idempotent: false,
    })
    return fromTransport(response)
  } catch (error) {
    // The test itself is wrong: it is told where it looks.
    if (isDruidError(error, 'CONFIG')) {
      return fromFake(replyWith({ status: 500, body: error.message }))
    }
    throw error
  }
}

function fromTransport({ status, headers, body }: TransportResponse): Reply {
  return {
    status,
    headers: [...headers].flat(),
    body,
    trailers: () => [...(body.trailers() ?? [])].flat(),
  }
}
