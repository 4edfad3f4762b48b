/** A reused buffer is given up beyond this. */
const KEPT = 1024 * 1024

/**
 * Bytes of something whose end has not come, in one buffer that doubles: parts may be single bytes,
 * and a view of each of them would take a hundred times as much.
 */
export class Pending {
  #buffer = new Uint8Array(0)
  #length = 0

  get length(): number {
    return this.#length
  }

  add(part: Uint8Array): void {
    const length = this.#length + part.length
    if (length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(length, this.#buffer.length * 2))
      larger.set(this.bytes())
      this.#buffer = larger
    }
    this.#buffer.set(part, this.#length)
    this.#length = length
  }

  /** What is there; good until the next is added. */
  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length)
  }

  /** The same, and begins anew. */
  take(): Uint8Array {
    const taken = this.bytes()
    this.#length = 0
    if (this.#buffer.length > KEPT) this.#buffer = new Uint8Array(0)
    return taken
  }
}
