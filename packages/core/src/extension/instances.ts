import { DruidError, isDruidError, messageOf } from '../error/error.ts'

/** The instances of one connection: each made on first use, kept, and disposed of with it. */
export interface Instances {
  /** The instance of that key, made by `make` when there is none yet. */
  get<T>(key: string, extension: string, make: () => T): T
  /** Throws `CLOSED` once they are disposed of. */
  assertOpen(key: string): void
  /** A new one that the caller keeps itself; it is only remembered for disposal. */
  make<T>(key: string, extension: string, make: () => T): T
  /**
   * Disposes of all, the last made first, each awaited. Throws an AggregateError of DruidErrors
   * after everything ran, if something failed.
   */
  dispose(): Promise<void>
}

export function instances(): Instances {
  const made = new Map<string, unknown>()
  const order: { readonly instance: unknown; readonly extension: string }[] = []
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
      if (isDisposable(instance)) order.push({ instance, extension })
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
    async dispose() {
      closed = true
      const errors: unknown[] = []
      for (const { instance, extension } of order.splice(0).reverse()) {
        try {
          await disposeOf(instance)
        } catch (cause) {
          errors.push(
            new DruidError(
              'EXTENSION',
              `extension "${extension}": closing it failed: ${messageOf(cause)}`,
              { extension, cause },
            ),
          )
        }
      }
      made.clear()
      if (errors.length > 0)
        throw new AggregateError(errors, 'closing the connection failed in part')
    },
  }
}

function isDisposable(instance: unknown): boolean {
  const it = instance as Partial<AsyncDisposable & Disposable> | undefined
  return (
    typeof it?.[Symbol.asyncDispose] === 'function' || typeof it?.[Symbol.dispose] === 'function'
  )
}

async function disposeOf(instance: unknown): Promise<void> {
  const disposable = instance as Partial<AsyncDisposable & Disposable>
  if (typeof disposable?.[Symbol.asyncDispose] === 'function') {
    await disposable[Symbol.asyncDispose]?.()
  } else if (typeof disposable?.[Symbol.dispose] === 'function') {
    disposable[Symbol.dispose]?.()
  }
}
