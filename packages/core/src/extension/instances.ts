import { DruidError, messageOf } from '../error/error.ts'
import { isOwnError } from './candidate.ts'
import { type Disposer, disposed } from './dispose.ts'
import { warn } from './failures.ts'

/** The instances of one connection: each made on first use, kept, and disposed of with it. */
export interface Instances {
  /** What gives the one instance of that key: `make` runs on the first call that succeeds. */
  once<T>(key: string, extension: string, make: () => T): () => T
  /**
   * One instance for each of a set that changes, e.g. of servers. Ask before you learn the set; with
   * what you learnt then take theirs. Those whose own left the set are disposed of.
   */
  each<From extends object, T>(
    key: string,
    extension: string,
    make: (from: From) => T,
  ): () => (present: readonly From[]) => T[]
  /** Throws `CLOSED` once they were given up. */
  assertOpen(key: string): void
  /** One that the caller keeps; it is only remembered for disposal. */
  make<T>(key: string, extension: string, make: () => T): T
  /** Makes no more, and forgets them: what is left to do, the last made first. */
  close(): Disposer[]
}

export function instances(): Instances {
  /** By instance: two keys may give one and the same. */
  const disposers = new Map<unknown, Disposer>()
  const leaving = new Set<Promise<unknown>>()
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
      // Only those: the others may go when nobody has them any more.
      const run = disposerOf(instance)
      if (run !== undefined) disposers.set(instance, { extension, run })
      return instance
    } catch (cause) {
      if (isOwnError(cause)) throw cause
      throw new DruidError(
        'EXTENSION',
        `extension "${extension}": making ${key} failed: ${messageOf(cause)}`,
        { extension, cause },
      )
    } finally {
      making.pop()
    }
  }

  function drop(instance: unknown): void {
    const disposer = disposers.get(instance)
    if (disposer === undefined || !disposers.delete(instance)) return
    const end = disposed(disposer).then((error) => {
      leaving.delete(end)
      if (error !== undefined) warn(error.message)
    })
    leaving.add(end)
  }

  return {
    once<T>(key: string, extension: string, makeIt: () => T): () => T {
      // A cell of its own, so that a call costs no more than that of a plain method. No constructor
      // gives undefined.
      let made: T | undefined
      let maker: (() => T) | undefined = makeIt
      forget.push(() => {
        made = undefined
        maker = undefined
      })
      return () => {
        if (made !== undefined) return made
        assertOpen(key)
        if (making.includes(key)) {
          throw new DruidError(
            'EXTENSION',
            `extension "${extension}": constructors ask for one another in a circle: ${[...making, key].join(' → ')}`,
            { extension },
          )
        }
        made = make(key, extension, maker as () => T)
        return made
      }
    },
    each<From extends object, T>(
      key: string,
      extension: string,
      makeIt: (from: From) => T,
    ): () => (present: readonly From[]) => T[] {
      const made = new Map<From, T>()
      let maker: ((from: From) => T) | undefined = makeIt
      forget.push(() => {
        made.clear()
        maker = undefined
      })
      let asked = 0
      return () => {
        assertOpen(key)
        asked += 1
        const turn = asked
        return (present) => {
          for (const from of present) {
            if (made.has(from)) continue
            const one = make(key, extension, () => maker?.(from) as T)
            made.set(from, one)
          }
          const clients = present.map((from) => made.get(from) as T)
          // Who asked later knows better who left.
          if (turn < asked) return clients
          const here = new Set(present)
          for (const [from, instance] of made) {
            if (here.has(from)) continue
            made.delete(from)
            drop(instance)
          }
          return clients
        }
      }
    },
    assertOpen,
    make,
    close() {
      closed = true
      for (const one of forget.splice(0)) one()
      const last = [...disposers.values()].reverse()
      disposers.clear()
      return [...last, ...[...leaving].map((end) => ({ extension: '', run: () => end }))]
    },
  }
}

function disposerOf(instance: unknown): (() => unknown) | undefined {
  const it = instance as Partial<AsyncDisposable & Disposable> | undefined
  if (typeof it?.[Symbol.asyncDispose] === 'function') return () => it[Symbol.asyncDispose]?.()
  if (typeof it?.[Symbol.dispose] === 'function') return () => it[Symbol.dispose]?.()
  return undefined
}
