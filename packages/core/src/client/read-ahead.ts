import type { TransportBody } from '../transport/transport.ts'

/** So many bytes may wait for their reader. */
const MOST = 1024 * 1024

/** A body that can be read before its reader comes. */
export interface AheadBody extends TransportBody {
  /**
   * Reads it into memory, unless somebody reads it already: a connection whose reply was read to its
   * end is free for another request. A body of more than 1 MiB keeps its connection until it is read.
   */
  readAhead(): void
}

export function aheadBody(body: TransportBody): AheadBody {
  let ahead: Ahead | undefined
  let isTaken = false
  return {
    [Symbol.asyncIterator]() {
      isTaken = true
      return ahead?.take() ?? body[Symbol.asyncIterator]()
    },
    discard() {
      isTaken = true
      ahead?.leave()
      body.discard()
    },
    trailers: () => body.trailers(),
    readAhead() {
      if (!isTaken) ahead ??= new Ahead(body)
    },
  }
}

class Ahead {
  readonly #body: TransportBody
  readonly #iterator: AsyncIterator<Uint8Array>
  readonly #chunks: Uint8Array[] = []
  #filling: Promise<void> | undefined
  #isWanted = true
  #isOver = false
  #failure: { readonly error: unknown } | undefined

  constructor(body: TransportBody) {
    this.#body = body
    this.#iterator = body[Symbol.asyncIterator]()
    this.#filling = this.#fill()
  }

  async #fill(): Promise<void> {
    let length = 0
    while (this.#isWanted && length < MOST) {
      const chunk = await this.#next()
      if (chunk === undefined) return
      this.#chunks.push(chunk)
      length += chunk.length
    }
  }

  /** `undefined` at the end, whichever it is. */
  async #next(): Promise<Uint8Array | undefined> {
    try {
      const step = await this.#iterator.next()
      if (!step.done) return step.value
    } catch (error) {
      this.#failure = { error }
    }
    this.#isOver = true
    return undefined
  }

  /** What came, and then the rest. */
  async *take(): AsyncGenerator<Uint8Array, void, undefined> {
    this.#isWanted = false
    try {
      while (true) {
        let chunk = this.#chunks.shift()
        if (chunk === undefined && this.#filling !== undefined) {
          await this.#filling
          this.#filling = undefined
          continue
        }
        if (chunk === undefined && !this.#isOver) chunk = await this.#next()
        if (chunk !== undefined) yield chunk
        else if (this.#failure !== undefined) throw this.#failure.error
        else return
      }
    } finally {
      if (!this.#isOver) {
        this.leave()
        this.#body.discard()
      }
    }
  }

  leave(): void {
    this.#isWanted = false
    // Not waited for: the next bytes may never come.
    const end = async (): Promise<unknown> => this.#iterator.return?.()
    end().catch(() => {})
  }
}
