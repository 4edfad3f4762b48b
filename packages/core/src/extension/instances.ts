import { DruidError, isDruidError, messageOf } from '../error/error.ts'
import type { Disposer } from './dispose.ts'

/** The instances of one connection: each made on first use, kept, and disposed of with it. */
export interface Instances {
  /** What gives the one instance of that key: `make` runs on the first call that succeeds. */
  once<T>(key: string, extension: string, make: () => T): () => T
  /** Throws `CLOSED` once they were given up. */
  assertOpen(key: string): void
  /** A new one that the caller keeps itself; it is only remembered for disposal. */
  make<T>(key: string, extension: string, make: () => T): T
  /** Makes no more, and forgets them: what is left to do, the last made first. */
  close(): Disposer[]
}

export function instances(): Instances {
  const disposers: Disposer[] = []
  const forget: (() => void)[] = []
  const making: string[] = []
  let closed = false

  function assertOpen(key: string): void {
    if (closed) throw new DruidError('CLOSED', `${key}: this connection is closed`)
  }

  function make<T>(key: string, extension: string, makeIt: () => T): T {
    assertOpen(key)
    making.push(key)
    try {
      const instance = makeIt()
      // Only those: role clients come and go with their servers.
      const run = disposerOf(instance)
      if (run !== undefined) disposers.push({ extension, run })
      return instance
    } catch (cause) {
      if (isDruidError(cause, 'EXTENSION')) throw cause
      throw new DruidError(
        'EXTENSION',
        `extension "${extension}": making ${key} failed: ${messageOf(cause)}`,
        { extension, cause },
      )
    } finally {
      making.pop()
    }
  }

  return {
    once<T>(key: string, extension: string, makeIt: () => T): () => T {
      // A cell of its own, so that a call costs no more than that of a plain method.
      let made: { readonly instance: T } | undefined
      forget.push(() => {
        made = undefined
      })
      return () => {
        if (made !== undefined) return made.instance
        assertOpen(key)
        if (making.includes(key)) {
          throw new DruidError(
            'EXTENSION',
            `extension "${extension}": constructors ask for one another in a circle: ${[...making, key].join(' → ')}`,
            { extension },
          )
        }
        made = { instance: make(key, extension, makeIt) }
        return made.instance
      }
    },
    assertOpen,
    make,
    close() {
      closed = true
      for (const one of forget.splice(0)) one()
      return disposers.splice(0).reverse()
    },
  }
}

function disposerOf(instance: unknown): (() => unknown) | undefined {
  const it = instance as Partial<AsyncDisposable & Disposable> | undefined
  if (typeof it?.[Symbol.asyncDispose] === 'function') return () => it[Symbol.asyncDispose]?.()
  if (typeof it?.[Symbol.dispose] === 'function') return () => it[Symbol.dispose]?.()
  return undefined
}
