import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'

/** What was sent shall arrive before the connection ends: a reset overtakes it. */
const ARRIVAL = 10

/** A connection to a client, between its socket and the HTTP server that answers on it. */
export interface Wire {
  /** The server's end of it. */
  readonly stream: Duplex
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>
  /** Whether it is. */
  readonly gone: boolean
  /** A new exchange: counts from here, and forgets what was said of the last one. */
  begin(): void
  /** From now on no more than so many bytes in so many milliseconds. */
  pace(bytes: number, every: number): void
  /** Called once, before the byte behind so many of this exchange is sent, which waits for it. */
  limit(bytes: number, reached: () => Promise<void>): void
  /** Ends the connection. */
  end(by: 'close' | 'reset' | 'garbage'): Promise<void>
  /** Waits, or until the connection is gone. */
  wait(milliseconds: number | undefined): Promise<void>
}

/** `raw`: the TCP socket below it. */
export function wire(socket: Socket, raw: Socket): Wire {
  let sent = 0
  let paced: { readonly bytes: number; readonly every: number } | undefined
  let limits: { readonly at: number; readonly reached: () => Promise<void> }[] = []
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))

  async function deliver(chunk: Buffer): Promise<void> {
    let rest = chunk
    while (rest.length > 0) {
      let size = rest.length
      const [limit] = limits
      if (limit !== undefined) {
        if (limit.at <= sent) {
          limits.shift()
          await limit.reached()
          continue
        }
        size = Math.min(size, limit.at - sent)
      }
      if (paced !== undefined) size = Math.min(size, paced.bytes)
      await write(rest.subarray(0, size))
      sent += size
      rest = rest.subarray(size)
      if (paced !== undefined) await wait(paced.every)
    }
  }

  function write(part: Uint8Array | string): Promise<void> {
    return new Promise((resolve, reject) => {
      socket.write(part, (error) => (error ? reject(error) : resolve()))
    })
  }

  async function wait(milliseconds: number | undefined): Promise<void> {
    if (milliseconds === undefined) return closed
    const over = new AbortController()
    const slept = pause(milliseconds, undefined, { signal: over.signal }).catch(() => {})
    await Promise.race([slept, closed])
    over.abort()
  }

  const stream = new Duplex({
    read: () => void socket.resume(),
    write: (chunk: Buffer, _, done) => void deliver(chunk).then(() => done(), done),
    final: (done) => void socket.end(done),
    destroy: (error, done) => {
      socket.destroy()
      done(error)
    },
  })
  socket.on('data', (chunk) => {
    if (!stream.push(chunk)) socket.pause()
  })
  socket.on('end', () => stream.push(null))
  // Its client has left in the middle of something: that is what some tests are about.
  socket.on('error', () => {})
  socket.on('close', () => stream.destroy())

  return {
    stream,
    closed,
    get gone() {
      return socket.destroyed
    },
    begin() {
      sent = 0
      paced = undefined
      limits = []
    },
    pace(bytes, every) {
      paced = { bytes, every }
    },
    limit(at, reached) {
      limits.push({ at, reached })
      limits.sort((a, b) => a.at - b.at)
    },
    async end(by) {
      if (by === 'garbage') await write('\u0000?\r\nno HTTP\r\n').catch(() => {})
      await wait(ARRIVAL)
      if (by === 'reset') raw.resetAndDestroy()
      else socket.end(() => socket.destroy())
      await closed
    },
    wait,
  }
}
