import type { TransportBody } from '@druid/core'
import { abortError } from '@druid/core/extension'
import type { OwnRequest } from './request.ts'

/** How a body is made. */
export interface BodySource {
  readonly pieces: AsyncIterable<string | Uint8Array>
  /** After the end. */
  readonly trailers: () => Readonly<Record<string, string>>
  /** Told once: of the end, or that the reader has left or failed. */
  readonly over: (state: 'read' | 'left' | 'failed') => void
}

/** A body that can be read once, ends with its caller's signal, and says what became of it. */
export function fakeBody(
  source: BodySource,
  request: OwnRequest,
  attempted: string,
): TransportBody {
  const utf8 = new TextEncoder()
  const { signal } = request
  let taken = false
  let ended = false
  const over = (state: 'read' | 'left' | 'failed'): void => {
    if (request.state !== 'unread') return
    request.state = state
    source.over(state)
  }

  async function* bytes(): AsyncGenerator<Uint8Array, void, undefined> {
    const pieces = source.pieces[Symbol.asyncIterator]()
    let aborted = (): void => {}
    const abort = new Promise<never>((_, reject) => {
      aborted = () => reject(abortError(signal, attempted))
    })
    // Nobody may be waiting for it.
    abort.catch(() => {})
    if (signal.aborted) aborted()
    signal.addEventListener('abort', aborted)
    try {
      for (;;) {
        const step = await Promise.race([abort, pieces.next()])
        if (step.done) break
        if (step.value.length > 0) {
          yield typeof step.value === 'string' ? utf8.encode(step.value) : step.value
        }
      }
      ended = true
      over('read')
    } catch (error) {
      over('failed')
      throw error
    } finally {
      signal.removeEventListener('abort', aborted)
      over('left')
      // It may hang in the middle of a piece: not waited for.
      Promise.resolve(pieces.return?.()).catch(() => {})
    }
  }

  return {
    [Symbol.asyncIterator]() {
      if (taken) throw new Error(`${attempted}: the body of a reply can be read only once`)
      taken = true
      return bytes()
    },
    discard() {
      taken = true
      over('left')
    },
    trailers: () => (ended ? new Headers(source.trailers()) : undefined),
  }
}
