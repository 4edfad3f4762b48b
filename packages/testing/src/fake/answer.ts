import { DruidError, messageOf, sleep } from '@druid/core/extension'
import { type FakeFault, isFault } from './fault.ts'
import { wrongFake } from './problem.ts'
import { type FakeReply, isReply } from './reply.ts'
import { type ResultStyle, written } from './result.ts'
import { type FakeResult, tableOf } from './table.ts'

/** How an answer becomes a reply: data in the way of the endpoint. */
export interface Answering {
  /** `POST http://druid.test:8888/druid/v2/sql`, for messages. */
  readonly attempted: string
  /** Rejects when nobody waits for the answer any more. */
  readonly givenUp: Promise<never>
  /** Aborted then. */
  readonly signal: AbortSignal
  /** For anything that is neither a reply nor a fault. */
  readonly data: (answer: unknown) => FakeReply
  /** A result that ends early, where the endpoint can have one. */
  readonly result: (result: FakeResult, end: ResultEnd) => FakeReply
}

/** How a result ends: whole, or after so many rows. */
export interface ResultEnd {
  readonly after?: number
  readonly reason?: string
  /** Thrown after the last piece. */
  readonly error?: DruidError
}

/** The reply that an answer stands for. Rejects as a transport does. */
export async function replyOf(answer: unknown, how: Answering): Promise<FakeReply> {
  if (isReply(answer)) return answer
  if (!isFault(answer)) return how.data(answer)
  return faultReply(answer, how)
}

async function faultReply(fault: FakeFault, how: Answering): Promise<FakeReply> {
  switch (fault['~fake']) {
    case 'truncated':
      return how.result(fault.result, { after: fault.after, reason: fault.reason })
    case 'reset': {
      const error = resetError(how.attempted)
      if (fault.part === undefined) throw error
      return how.result(fault.part.result, { after: fault.part.after, error })
    }
    case 'noAnswer':
      return waiting(how.givenUp)
    case 'delayed': {
      await Promise.race([sleep(fault.milliseconds, how.signal), how.givenUp])
      return replyOf(await called(fault.answer, [], how), how)
    }
  }
}

/** What a handler answers; the answer itself where it is none. A throw is a mistake of the test. */
export async function called(
  handler: unknown,
  args: readonly unknown[],
  { givenUp, attempted }: Pick<Answering, 'givenUp' | 'attempted'>,
): Promise<unknown> {
  if (typeof handler !== 'function') return handler
  const run = async (): Promise<unknown> => {
    try {
      return await handler(...args)
    } catch (cause) {
      throw wrongFake(`what answers ${attempted} threw: ${messageOf(cause)}`, 'handler', cause)
    }
  }
  return Promise.race([run(), givenUp])
}

/** A table as the pieces of a body, with its end. */
export function piecesOf(
  result: FakeResult,
  style: ResultStyle,
  { after, error }: ResultEnd = {},
): () => AsyncIterable<string> {
  const table = tableOf(result)
  return async function* pieces() {
    yield* written(table, style, after)
    if (error !== undefined) throw error
  }
}

function resetError(attempted: string): DruidError<'CONNECT'> {
  return new DruidError(
    'CONNECT',
    `${attempted}: the connection was cut before the reply was complete (fakeDruid)`,
    { reason: 'reset' },
  )
}

/** As an open socket does, it keeps the process alive. */
async function waiting(givenUp: Promise<never>): Promise<never> {
  const socket = setInterval(() => {}, 2 ** 30)
  try {
    return await givenUp
  } finally {
    clearInterval(socket)
  }
}
