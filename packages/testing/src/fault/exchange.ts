import type { IncomingMessage } from 'node:http'
import { headersOf, type OwnArrived } from './arrived.ts'
import type { Fault } from './fault.ts'
import type { Exchange } from './listen.ts'
import { fromFake, type Reply } from './reply.ts'
import type { Rules } from './rule.ts'
import { send } from './send.ts'

/** Who answers: the fake, or a Druid behind the proxy. Rejects where there is no reply: the connection is then reset. */
export type Source = (request: Asked) => Promise<Reply>

/** What is asked of a source. */
export interface Asked {
  readonly method: string
  /** Path and query, as they were sent. */
  readonly target: string
  /** Names and values in turn, as they were sent. */
  readonly headers: readonly string[]
  readonly body: Buffer
  readonly faults: readonly Fault[]
  /** Aborted when the connection is gone. */
  readonly signal: AbortSignal
}

/** Takes one request: notes it down, lets happen to it what was said, and answers. */
export async function take(
  exchange: Exchange,
  { rules, requests, source }: { rules: Rules; requests: OwnArrived[]; source: Source },
): Promise<void> {
  const { request, wire, reused } = exchange
  const { method = '', url: target = '/' } = request
  const [path = ''] = target.split('?', 1)
  const faults = rules.take(method, path, reused)
  const arrived: OwnArrived = {
    method,
    path,
    query: new URLSearchParams(target.slice(path.length)),
    headers: headersOf(request.rawHeaders),
    body: '',
    connection: exchange.connection,
    faults,
    state: 'answering',
    status: undefined,
  }
  requests.push(arrived)
  const gone = new AbortController()
  void wire.closed.then(() => gone.abort())
  try {
    const early = faults.find(endsRequest)
    if (early !== undefined) {
      await bodyOf(request, early.fault === 'cut' ? early.after : 0)
      arrived.state = 'cut'
      await wire.end(early.by === 'reset' ? 'reset' : 'close')
      return
    }
    const body = await bodyOf(request)
    arrived.body = body.toString()
    const { signal } = gone
    const asked = { method, target, headers: request.rawHeaders, body, faults, signal }
    const reply = standIn(faults, target) ?? (await source(asked))
    // Druid is at work meanwhile: only its reply is late.
    for (const fault of faults) {
      if ('fault' in fault && fault.fault === 'latency') {
        const { milliseconds, jitter } = fault
        await wire.wait(Math.max(0, milliseconds + (Math.random() * 2 - 1) * jitter))
      }
    }
    arrived.status = reply.status
    arrived.state = await send(reply, faults, exchange)
  } catch {
    // There is no reply, or its rest does not come.
    arrived.state = gone.signal.aborted ? 'left' : 'cut'
    await wire.end('reset')
  }
}

type Early = Extract<Fault, { fault: 'cut' | 'stale' }>

function endsRequest(fault: Fault): fault is Early {
  if (!('fault' in fault)) return false
  return fault.fault === 'stale' || (fault.fault === 'cut' && fault.in === 'request')
}

/** What is answered in the place of Druid. */
function standIn(faults: readonly Fault[], target: string): Reply | undefined {
  const fault = faults.findLast((one) => !('fault' in one) || one.fault === 'redirect')
  if (fault === undefined) return undefined
  if (!('fault' in fault)) return fromFake(fault)
  if (fault.fault !== 'redirect') return undefined
  return {
    status: fault.status,
    headers: ['Location', fault.to ?? target],
    body: (async function* () {})(),
    trailers: () => [],
  }
}

/** The body, or what came of it when there are so many bytes. */
async function bodyOf(
  request: IncomingMessage,
  enough = Number.POSITIVE_INFINITY,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  if (enough > 0) {
    // Not by `for await`, which would destroy the socket when it is left.
    await new Promise<void>((resolve) => {
      request.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        size += chunk.length
        if (size >= enough) resolve()
      })
      request.on('end', resolve)
      request.on('close', resolve)
    })
  }
  return Buffer.concat(chunks)
}
