import { DruidError, isDruidError, messageOf } from '../error/error.ts'

/** The instances of one connection: each made on first use, kept, and disposed of with it. */
export interface Instances {
  /** The instance of that key, made by `make` when there is none yet. */
  get<T>(key: string, extension: string, make: () => T): T
  /** One that its maker keeps itself; it is only remembered for disposal. */
  adopt(instance: unknown): void
  /**
   * Disposes of all, the last made first, each awaited. Throws an AggregateError of DruidErrors
   * after everything ran, if something failed.
   */
  dispose(): Promise<void>
}

export function instances(): Instances {
  const made = new Map<string, unknown>()
  const order: unknown[] = []
  const making: string[] = []
  let closed = false

  return {
    get<T>(key: string, extension: string, make: () => T): T {
      if (closed) throw new DruidError('CLOSED', `${key}: this connection is closed`)
      if (made.has(key)) return made.get(key) as T
      if (making.includes(key)) {
        throw new DruidError(
          'EXTENSION',
          `extension "${extension}": constructors ask for one another in a circle: ${[...making, key].join(' → ')}`,
          { extension },
        )
      }
      making.push(key)
      try {
        const instance = make()
        made.set(key, instance)
        order.push(instance)
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
    },
    adopt(instance) {
      order.push(instance)
    },
    async dispose() {
      closed = true
      const errors: unknown[] = []
      for (const instance of order.splice(0).reverse()) {
        try {
          await disposeOf(instance)
        } catch (cause) {
          errors.push(
            new DruidError('EXTENSION', `disposing of an extension failed: ${messageOf(cause)}`, {
              extension: (instance as object)?.constructor?.name ?? 'unknown',
              cause,
            }),
          )
        }
      }
      made.clear()
      if (errors.length > 0)
        throw new AggregateError(errors, 'closing the connection failed in part')
    },
  }
}

async function disposeOf(instance: unknown): Promise<void> {
  const disposable = instance as Partial<AsyncDisposable & Disposable>
  if (typeof disposable?.[Symbol.asyncDispose] === 'function') {
    await disposable[Symbol.asyncDispose]?.()
  } else if (typeof disposable?.[Symbol.dispose] === 'function') {
    disposable[Symbol.dispose]?.()
  }
}
