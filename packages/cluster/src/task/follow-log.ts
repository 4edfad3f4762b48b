import { DruidError, isDruidError, type RequestOptions, sleep } from '@druid/core/extension'
import type { Overlord } from '../roles/overlord/overlord.ts'
import { POLL_TIMEOUT, poll } from './poll.ts'

export interface FollowLogOptions extends RequestOptions {
  /** Bytes of the log to leave out. Default 0: from its beginning. */
  readonly offset?: number | undefined
}

const SHORTEST_PAUSE = 500
const LONGEST_PAUSE = 2_000

/** So long the log of a task that has ended may take to be stored, in milliseconds. */
const STORE_LIMIT = 5_000

/** See `TaskHandle.followLog`. */
export async function* followLog(
  overlord: Overlord,
  taskId: string,
  { offset = 0, ...given }: FollowLogOptions = {},
): AsyncGenerator<string, void, undefined> {
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw new DruidError('CONFIG', 'followLog: offset is a number of bytes, 0 or more', {
      option: 'offset',
    })
  }
  const options = { ...given, timeout: given.timeout ?? POLL_TIMEOUT }
  const what = `log of task ${taskId}`
  // A poll may end within a character; the rest of it comes with the next.
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
  let at = offset
  let found = false
  let endedSince: number | undefined
  let pause = SHORTEST_PAUSE
  while (true) {
    // Before the log is read: so the last of it has all that the task wrote.
    const { statusCode } = await poll(
      what,
      () => overlord.taskStatus(taskId, options),
      options.signal,
    )
    if (statusCode !== 'RUNNING') endedSince ??= performance.now()
    const bytes = await poll(what, () => newBytes(overlord, taskId, at, options), options.signal)
    if (bytes !== 'none') {
      found = true
      at += bytes.length
      const text = utf8.decode(bytes, { stream: true })
      if (text !== '') yield text
    }
    const isNew = bytes !== 'none' && bytes.length > 0
    if (endedSince !== undefined && !isNew) {
      if (bytes !== 'none') break
      if (performance.now() - endedSince > STORE_LIMIT) {
        if (found) break
        throw new DruidError(
          'NOT_FOUND',
          `${what}: there is none; Indexers keep none, and others for a time only`,
        )
      }
    }
    pause = isNew ? SHORTEST_PAUSE : Math.min(LONGEST_PAUSE, pause * 1.3)
    await sleep(pause, options.signal, what)
  }
  const rest = utf8.decode()
  if (rest !== '') yield rest
}

/**
 * What the log has beyond so many bytes. Asked for with the byte before them: some storages answer an
 * offset that is the log's length with the whole log.
 */
async function newBytes(
  overlord: Overlord,
  taskId: string,
  at: number,
  options: RequestOptions,
): Promise<Uint8Array | 'none'> {
  try {
    if (at === 0) return await overlord.taskLog(taskId, options)
    return (await overlord.taskLog(taskId, { ...options, offset: at - 1 })).subarray(1)
  } catch (error) {
    if (isDruidError(error, 'NOT_FOUND')) return 'none'
    throw error
  }
}
