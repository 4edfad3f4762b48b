import type { ServerResponse } from 'node:http'
import { faulty } from './content.ts'
import type { Fault } from './fault.ts'
import { headersOf, type Pair, trailersIn, trailersOf } from './head.ts'
import type { Bytes, Reply } from './reply.ts'
import type { Wire } from './wire.ts'

/** What became of an exchange. */
export type Sent = 'answered' | 'cut' | 'left'

/** Sends a reply with everything that is wrong with it. */
export async function send(
  reply: Reply,
  faults: readonly Fault[],
  { response, wire }: { readonly response: ServerResponse; readonly wire: Wire },
): Promise<Sent> {
  let cut = false
  const end = async (by: 'close' | 'reset' | 'garbage'): Promise<void> => {
    cut = true
    await wire.end(by)
  }
  for (const fault of faults) onWire(fault, wire, end)

  response.writeHead(reply.status, headersOf(reply, faults))
  // It does not wait for a body that may not come.
  response.flushHeaders()
  const stops = stopsIn(faults)
  let sent = 0
  try {
    for await (let chunk of begun(faulty(reply, faults))) {
      while (stops[0] !== undefined && stops[0].after <= sent + chunk.length) {
        const stop = stops.shift() as Stop
        const part = chunk.subarray(0, stop.after - sent)
        await write(part)
        sent += part.length
        chunk = chunk.subarray(part.length)
        if (stop.fault === 'stall') await wire.wait(stop.lasting)
        else if (stop.by === 'end') return await ended(trailersIn(faults), 'cut')
        else await end(stop.by)
        if (wire.gone) return over()
      }
      await write(chunk)
      sent += chunk.length
      if (wire.gone) return over()
    }
    return await ended(trailersOf(reply, faults), 'answered')
  } catch (error) {
    if (wire.gone) return over()
    throw error
  }

  /** Resolves when it has left, or the connection has. */
  async function write(part: Uint8Array): Promise<void> {
    if (part.length === 0) return
    await Promise.race([new Promise((resolve) => response.write(part, resolve)), wire.closed])
  }

  async function ended(trailers: readonly Pair[], as: Sent): Promise<Sent> {
    if (trailers.length > 0) response.addTrailers(trailers)
    await Promise.race([new Promise<void>((resolve) => response.end(resolve)), wire.closed])
    return wire.gone ? over() : as
  }

  function over(): Sent {
    return cut ? 'cut' : 'left'
  }
}

/** What happens before the first byte does not wait for it. */
async function* begun(body: Bytes): Bytes {
  yield new Uint8Array()
  yield* body
}

type Stop = Extract<Fault, { fault: 'cut' | 'stall' }>

/** Where the body stops, the first place first. */
function stopsIn(faults: readonly Fault[]): Stop[] {
  return faults
    .filter((one): one is Stop => {
      return 'fault' in one && (one.fault === 'cut' || one.fault === 'stall') && one.in === 'body'
    })
    .sort((a, b) => a.after - b.after)
}

function onWire(
  fault: Fault,
  wire: Wire,
  end: (by: 'close' | 'reset' | 'garbage') => unknown,
): void {
  if (!('fault' in fault)) return
  if (fault.fault === 'pace') wire.pace(fault.bytes, fault.every)
  if (fault.fault === 'stall' && fault.in === 'reply') {
    wire.limit(fault.after, () => wire.wait(fault.lasting))
  }
  const { fault: kind } = fault
  if (kind === 'cut' && fault.in === 'reply' && fault.by !== 'end') {
    const { by } = fault
    wire.limit(fault.after, async () => void (await end(by)))
  }
}
