import type { IncomingMessage } from 'node:http'

/** So many chunks may wait for the reader before the socket is left alone. */
const WAITING = 8

/**
 * The bytes of a reply as they come, only as fast as they are taken: what `for await` over the message
 * does, at a third of its price for a small reply. Leaving early destroys the message, and with it the
 * socket. `failed`: the error to throw where they break off.
 */
export async function* chunksOf(
  message: IncomingMessage,
  failed: (cause: unknown) => Error,
): AsyncGenerator<Uint8Array, void, undefined> {
  const waiting: Uint8Array[] = []
  let ended = false
  let failure: Error | undefined
  let wake = (): void => {}
  message.on('data', (chunk: Uint8Array) => {
    waiting.push(chunk)
    if (waiting.length >= WAITING) message.pause()
    wake()
  })
  message.on('end', () => {
    ended = true
    wake()
  })
  message.on('error', (error) => {
    failure = error
    wake()
  })
  message.on('close', () => {
    if (!ended) failure ??= cut()
    wake()
  })
  // Its events are past.
  if (message.destroyed) failure = message.errored ?? cut()
  try {
    while (true) {
      const chunk = waiting.shift()
      if (chunk !== undefined) yield chunk
      else if (failure !== undefined) throw failed(failure)
      else if (ended) return
      else {
        await new Promise<void>((resolve) => {
          wake = resolve
          if (message.isPaused()) message.resume()
        })
      }
    }
  } finally {
    if (!ended) message.destroy()
  }
}

/** For a connection that ended, and nobody said why. */
export function cut(): Error {
  return Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' })
}
