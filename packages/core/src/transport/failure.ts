import { abortError } from '../error/abort.ts'
import { DruidError, isDruidError, messageOf } from '../error/error.ts'
import { type TlsFacts, tlsFailure } from './tls-failure.ts'

const DNS = new Set(['ENOTFOUND', 'EAI_AGAIN'])
const REFUSED = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'])
const RESET = new Set([
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'ERR_STREAM_PREMATURE_CLOSE',
  'UND_ERR_SOCKET',
])
const SLOW = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT'])

/** The DruidError for whatever a socket, Node or fetch threw. `tls`: what is known of its handshake. */
export function transportError(
  cause: unknown,
  attempted: string,
  signal: AbortSignal | undefined,
  tls?: TlsFacts,
): DruidError {
  // The reason itself may be shared with other calls; they all get errors of their own.
  if (isDruidError(cause) && cause !== signal?.reason) return cause
  if (signal?.aborted) return abortError(signal, attempted)
  const { code, connecting } = systemFailure(cause)
  const why = reasonIn(cause)
  const failed = tlsFailure({ code, why, cause }, attempted, tls)
  if (failed !== undefined) return failed
  if (DNS.has(code)) {
    return connectError('dns', `the host name is not known (${why}); check the URL`, cause)
  }
  // An established connection can end with these codes, too, and by then the server may be at work.
  if (REFUSED.has(code) && connecting) {
    return connectError(
      'refused',
      `nothing answers there (${why}); is Druid up, and the port right?`,
      cause,
    )
  }
  if (RESET.has(code) || (!connecting && (REFUSED.has(code) || SLOW.has(code)))) {
    return connectError(
      'reset',
      `the connection was cut before the reply was complete (${why})`,
      cause,
    )
  }
  if (SLOW.has(code)) {
    return new DruidError(
      'TIMEOUT',
      `${attempted}: connecting took too long (${why}); allow more by the option timeout: { connect: milliseconds }`,
      {
        phase: 'connect',
        cause,
      },
    )
  }
  return connectError('network', why, cause)

  function connectError(
    reason: 'dns' | 'refused' | 'reset' | 'network',
    text: string,
    cause: unknown,
  ): DruidError {
    return new DruidError('CONNECT', `${attempted}: ${text}`, { reason, cause })
  }
}

/** What only connecting can end with. */
const CONNECTING: ReadonlySet<string> = new Set(['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT'])

interface SystemFailure {
  readonly code: string
  /** Whether it came of making the connection. */
  readonly connecting: boolean
}

/** fetch and ky wrap what happened, some two deep: the innermost code is the telling one. */
function systemFailure(error: unknown): SystemFailure {
  let failure: SystemFailure = { code: '', connecting: false }
  for (const link of causes(error)) {
    const { code, syscall } = link as { code?: unknown; syscall?: unknown }
    if (typeof code !== 'string') continue
    const connecting = syscall === 'connect' || syscall === 'getaddrinfo' || CONNECTING.has(code)
    failure = { code, connecting }
  }
  return failure
}

function reasonIn(error: unknown): string {
  const last = causes(error).at(-1)
  const message = messageOf(last) || systemFailure(error).code
  return message || 'no reason given'
}

function causes(error: unknown): unknown[] {
  const found: unknown[] = []
  let link = error
  while (link instanceof Error && found.length < 5) {
    found.push(link)
    // Node tries several addresses of a host and gathers what each said.
    link = link instanceof AggregateError && link.errors.length > 0 ? link.errors[0] : link.cause
  }
  return found.length === 0 ? [error] : found
}
