import { DruidError, messageOf } from '../error/error.ts'
import { isRecord } from '../error/record.ts'
import type { AuthRequest } from '../extension/points.ts'
import type { AuthHeaders } from './authorization.ts'

/** A bearer token, and until when it is good. */
export interface Token {
  readonly token: string
  /** A date, or milliseconds since 1970. Default: not known, and it is asked for each time. */
  readonly expiresAt?: Date | number | undefined
}

/**
 * Gets a token. Calls at the same time wait for one answer. One whose end is known is used until shortly
 * before it. `rejected`: the server answered 401 to the last one, so that another is needed; the request
 * is then sent once more.
 */
export type TokenProvider = (request: {
  readonly rejected: boolean
}) => string | Token | Promise<string | Token>

/** A token is replaced so long before its end, in milliseconds; of a short-lived one, a tenth of its life before. */
const EARLY = 60_000

const KEYS = ['token', 'expiresAt']

/** The header with a token of the provider. */
export function tokenSource(
  provider: TokenProvider,
): (request: AuthRequest, refused?: AuthHeaders) => Promise<AuthHeaders> {
  let current: { readonly headers: AuthHeaders; readonly until: number } | undefined
  let pending: { readonly answer: Promise<AuthHeaders>; readonly rejected: boolean } | undefined

  async function renew(rejected: boolean): Promise<AuthHeaders> {
    const { token, expiresAt } = await answered(provider, rejected)
    const headers = { authorization: `Bearer ${token}` }
    const now = Date.now()
    const end = Number(expiresAt ?? now)
    current = { headers, until: end - Math.min(EARLY, (end - now) / 10) }
    return headers
  }

  function ask(rejected: boolean): Promise<AuthHeaders> {
    const answer = renew(rejected).finally(() => {
      pending = undefined
    })
    pending = { answer, rejected }
    return answer
  }

  async function headersFor(refused: AuthHeaders | undefined): Promise<AuthHeaders> {
    const isRejected = refused !== undefined
    if (pending !== undefined) {
      if (pending.rejected || !isRejected) return pending.answer
      // That may be about to answer with the token that was refused.
      await pending.answer.catch(() => {})
      return headersFor(refused)
    }
    // Another call may have been answered 401 before this one, and have renewed it.
    const isOld = isRejected && refused.authorization === current?.headers.authorization
    if (current !== undefined && !isOld && Date.now() < current.until) return current.headers
    return ask(isRejected)
  }

  return (_, refused) => headersFor(refused)
}

async function answered(provider: TokenProvider, rejected: boolean): Promise<Token> {
  const failed = (why: string, cause?: unknown): DruidError =>
    new DruidError('CONFIG', `auth: the token provider ${why}`, { option: 'auth', cause })
  let given: unknown
  try {
    given = await provider({ rejected })
  } catch (cause) {
    throw failed(`failed: ${messageOf(cause)}`, cause)
  }
  const { token, expiresAt } = (
    typeof given === 'object' && given !== null ? given : { token: given }
  ) as Partial<Token>
  const unknown = isRecord(given) ? Object.keys(given).find((it) => !KEYS.includes(it)) : undefined
  if (unknown !== undefined) {
    throw failed(`gave an unknown "${unknown}"; it gives a text, or { token, expiresAt }`)
  }
  if (typeof token !== 'string') throw failed(`gave a value of type ${typeof given}`)
  if (token === '') throw failed('gave an empty token')
  if (expiresAt === undefined || Number.isFinite(Number(expiresAt))) return { token, expiresAt }
  throw failed('gave an expiresAt that is neither a date nor a number of milliseconds')
}
