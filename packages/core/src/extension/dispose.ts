import { DruidError, messageOf } from '../error/error.ts'

/** Something of an extension that wants to be told of the end. */
export interface Disposer {
  readonly extension: string
  run(): unknown
}

/** So long each may take: one that hangs must not keep the connection open. */
const LIMIT = 10_000

/** Runs all in order, each awaited. What failed is gathered in one AggregateError afterwards. */
export async function disposeAll(disposers: readonly Disposer[]): Promise<void> {
  const errors: unknown[] = []
  for (const { extension, run } of disposers) {
    try {
      await limited(run)
    } catch (cause) {
      const why = `extension "${extension}": closing it failed: ${messageOf(cause)}`
      errors.push(new DruidError('EXTENSION', why, { extension, cause }))
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, 'closing the connection failed in part')
}

async function limited(run: () => unknown): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((_, reject) => {
    const late = (): void => reject(new Error(`it took longer than ${LIMIT / 1000} s`))
    timer = setTimeout(late, LIMIT)
  })
  try {
    await Promise.race([run(), limit])
  } finally {
    clearTimeout(timer)
  }
}
