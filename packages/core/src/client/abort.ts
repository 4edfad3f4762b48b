import { abortError } from '../error/abort.ts'
import { DruidError } from '../error/error.ts'

/**
 * The promise's value, unless the signal is aborted first. The promise itself goes on. `doing`: for
 * the message.
 * @throws DruidError `CANCELLED`, or `TIMEOUT` where the signal's time ran out.
 */
export async function abortable<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  doing: string,
): Promise<T> {
  try {
    return await unlessAborted(promise, signal)
  } catch (error) {
    throw signal?.aborted && error === signal.reason ? abortError(signal, doing) : error
  }
}

/**
 * The values, until the signal is aborted: then an error as {@link abortable} has it, even where the
 * next value never comes. Leaving it early ends the source, which is waited for unless it was aborted.
 */
export async function* untilAborted<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal,
  doing: string,
): AsyncGenerator<T, void, undefined> {
  // One that is not asynchronous is taken, too, as `for await` does.
  const iterator = source[Symbol.asyncIterator]?.() ?? values(source)
  let over = false
  try {
    while (true) {
      const step = await abortable(iterator.next(), signal, doing)
      over = step.done === true
      if (step.done) return
      yield step.value
    }
  } catch (error) {
    over = !signal.aborted
    throw error
  } finally {
    if (!over) {
      const end = async (): Promise<unknown> => iterator.return?.()
      await unlessAborted(end(), signal).catch((error: unknown) => {
        if (!signal.aborted) throw error
      })
    }
  }
}

async function* values<T>(source: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  yield* source
}

/** Resolves after so many milliseconds. An abort ends it; errors as {@link abortable}. */
export async function sleep(
  milliseconds: number,
  signal?: AbortSignal,
  doing = 'waiting',
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const slept = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds)
  })
  try {
    await abortable(slept, signal, doing)
  } finally {
    clearTimeout(timer)
  }
}

/** Throws `CONFIG` for what is no signal. */
function checkSignal(signal: AbortSignal): void {
  const { aborted, addEventListener } = Object(signal) as Partial<AbortSignal>
  if (typeof aborted === 'boolean' && typeof addEventListener === 'function') return
  throw new DruidError('CONFIG', 'signal: it must be an AbortSignal', { option: 'signal' })
}

/** One signal of several, that lets go of them when the call is over. */
export interface LinkedSignal {
  readonly signal: AbortSignal
  abort(reason: unknown): void
  release(): void
}

/** The promise's value, unless the signal is aborted first: then its reason is thrown. */
export async function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return promise
  let abort = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason)
  })
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/**
 * `AbortSignal.any` without its cost: a signal that outlives many calls would keep something of
 * each of them.
 */
export function linkedSignal(signals: readonly (AbortSignal | undefined)[]): LinkedSignal {
  const controller = new AbortController()
  const linked: (() => void)[] = []
  for (const signal of signals) {
    if (signal === undefined) continue
    checkSignal(signal)
    const abort = (): void => controller.abort(signal.reason)
    if (signal.aborted) abort()
    else {
      signal.addEventListener('abort', abort, { once: true })
      linked.push(() => signal.removeEventListener('abort', abort))
    }
  }
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    release: () => {
      for (const unlink of linked) unlink()
    },
  }
}
