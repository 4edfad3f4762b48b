import type { EndEvent, Hooks, ObservedCall, ObservedError } from './events.ts'

/** Where lines go; `console` is one. Each is called with a line and the event that it tells of. */
export interface Log {
  /** Each request that leaves, and the status of each reply. */
  readonly debug?: LogFunction | undefined
  /** Each call that ended well, and what its caller gave up. */
  readonly info?: LogFunction | undefined
  /** Each attempt that failed and is followed by another. */
  readonly warn?: LogFunction | undefined
  /** Each call that failed. */
  readonly error?: LogFunction | undefined
}

export type LogFunction = (line: string, data: object) => void

/** Not a failure: the caller, or the application, wanted it. */
const WANTED: ReadonlySet<string> = new Set(['CANCELLED', 'CLOSED'])

/** Writes events as lines. */
export function logged(log: Log): Hooks {
  return {
    request: (event) => {
      const { method, url, attempt } = event
      const again = attempt > 1 ? `, attempt ${attempt}` : ''
      return log.debug?.(`${subject(event)}: ${method} ${url}${again}`, event)
    },
    response: (event) => {
      const { status, duration } = event
      return log.debug?.(`${subject(event)}: HTTP ${status} after ${ms(duration)}`, event)
    },
    retry: (event) => {
      const { attempt, pause, status, error } = event
      const why = error === undefined ? `HTTP ${status}` : told(error)
      const line = `attempt ${attempt} failed (${why}); the next follows in ${ms(pause)}`
      return log.warn?.(`${subject(event)}: ${line}`, event)
    },
    error: (event) => {
      const { error, duration } = event
      const line = `after ${ms(duration)} (${told(error)})`
      if (WANTED.has(error.code)) return log.info?.(`${subject(event)}: given up ${line}`, event)
      return log.error?.(`${subject(event)}: failed ${line}`, event)
    },
    end: (event) => {
      if (event.outcome === 'failed') return
      return log.info?.(`${subject(event)}: ${ended(event)}`, event)
    },
  }
}

function subject({ operation, queryId, call }: ObservedCall): string {
  if (operation === 'request') return `request ${call}`
  return operation === 'cancel' ? `cancelling query ${queryId}` : `query ${queryId}`
}

function told({ code, status, reason, phase, message }: ObservedError): string {
  const detail = reason ?? phase ?? (status === undefined ? undefined : `HTTP ${status}`)
  return [code, detail && ` ${detail}`, message && `: ${message}`].filter(Boolean).join('')
}

function ended({ outcome, duration, rows, bytes, cancel }: EndEvent): string {
  const read = rows === undefined ? '' : `${rows} rows, ${bytes} bytes, `
  return `${read}${cancel ?? outcome} after ${ms(duration)}`
}

function ms(duration: number): string {
  return `${Math.round(duration)} ms`
}
