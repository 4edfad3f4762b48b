import { DruidError, isDruidError, messageOf } from '../error/error.ts'
import type { Disposer } from './dispose.ts'

/** The instances of one connection: each made on first use, kept, and disposed of with it. */
export interface Instances {
  /** The instance of that key, made by `make` when there is none yet. */
  get<T>(key: string, extension: string, make: () => T): T
  /** Throws `CLOSED` once they were given up. */
  assertOpen(key: string): void
  /** A new one that the caller keeps itself; it is only remembered for disposal. */
  make<T>(key: string, extension: string, make: () => T): T
  /** Makes no more, and forgets them: what is left to do, the last made first. */
  close(): Disposer[]
}

export function instances(): Instances {
  const made = new Map<string, unknown>()
  const disposers: Disposer[] = []
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
    get<T>(key: string, extension: string, makeIt: () => T): T {
      assertOpen(key)
      if (made.has(key)) return made.get(key) as T
      if (making.includes(key)) {
        throw new DruidError(
          'EXTENSION',
          `extension "${extension}": constructors ask for one another in a circle: ${[...making, key].join(' → ')}`,
          { extension },
        )
      }
      const instance = make(key, extension, makeIt)
      made.set(key, instance)
      return instance
    },
    assertOpen,
    make,
    close() {
      closed = true
      made.clear()
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
