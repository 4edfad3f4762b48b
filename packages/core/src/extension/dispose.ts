import { DruidError, messageOf } from '../error/error.ts'

/** Something of an extension that wants to be told of the end. */
export interface Disposer {
  readonly extension: string
  run(): unknown
}

/** So long each may take: one that hangs must not keep the connection open. */
const LIMIT = 10_000

/** Runs all in order, each awaited: the errors of those that failed. */
export async function disposeAll(
  disposers: readonly Disposer[],
): Promise<DruidError<'EXTENSION'>[]> {
  const errors: DruidError<'EXTENSION'>[] = []
  for (const disposer of disposers) {
    const error = await disposed(disposer)
    if (error !== undefined) errors.push(error)
  }
  return errors
}

/** Runs one; its error, if it failed. */
export async function disposed({
  extension,
  run,
}: Disposer): Promise<DruidError<'EXTENSION'> | undefined> {
  try {
    await limited(run)
    return undefined
  } catch (cause) {
    const why = `extension "${extension}": closing it failed: ${messageOf(cause)}`
    return new DruidError('EXTENSION', why, { extension, cause })
  }
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
