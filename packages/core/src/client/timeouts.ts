import { ending } from '../error/abort.ts'
import { DruidError } from '../error/error.ts'
import { LONGEST_TIMER } from '../transport/settings.ts'

/** How long a call may take, by phase, in milliseconds; 0 and `Infinity` are no limit. */
export interface CallTimeouts {
  /** From sending the request to the first byte of the reply. Default: no limit, as Druid may be at work. */
  readonly firstByte?: number | undefined
  /**
   * Between two pieces of the reply while one is waited for. Default 300,000: after that Druid itself
   * gives an idle connection up.
   */
  readonly idle?: number | undefined
  /**
   * The whole call, with its further attempts. Default: no limit. A query's is sent to Druid, too, as
   * `timeout` of the query context unless that is set.
   */
  readonly total?: number | undefined
}

export interface Timeouts extends CallTimeouts {
  /** Looking the name up, connecting and the TLS handshake, of a new connection. Default 10,000. */
  readonly connect?: number | undefined
}

const PHASES: readonly (keyof Timeouts)[] = ['connect', 'firstByte', 'idle', 'total']

/** What holds where nothing is said; for `connect` the transport says it. */
export const USUAL: Timeouts = { idle: 300_000 }

/** Phases that a single call may set. */
const CALL_PHASES: readonly (keyof Timeouts)[] = ['firstByte', 'idle', 'total']

/** Those over others; a number is the total. Throws `CONFIG` for what is none. */
export function timeoutsOver(
  others: Timeouts,
  given: number | Timeouts | undefined,
  phases: readonly (keyof Timeouts)[] = PHASES,
): Timeouts {
  if (given === undefined) return others
  const timeouts: Timeouts = typeof given === 'number' ? { total: given } : given
  const made: Partial<Record<keyof Timeouts, number>> = { ...(others as object) }
  const isRight = (name: string, limit: unknown): boolean =>
    phases.includes(name as keyof Timeouts) &&
    (limit === undefined || (typeof limit === 'number' && limit >= 0))
  const entries = Object.entries(timeouts ?? { '': 0 })
  if (typeof timeouts !== 'object' || !entries.every(([name, limit]) => isRight(name, limit))) {
    throw new DruidError(
      'CONFIG',
      `timeout: it is a number of milliseconds, or { ${phases.join(', ')} } of which each is one`,
      { option: 'timeout' },
    )
  }
  for (const [phase, limit] of entries) {
    if (limit !== undefined) made[phase as keyof Timeouts] = limit
  }
  return made
}

/** Of one call: over the connection's those of its client, and over them its own. */
export function callTimeouts(
  connection: Timeouts,
  defaults: TimeoutOption,
  options: TimeoutOption,
): CallTimeouts {
  const timeouts = timeoutsOver(connection, defaults.timeout, CALL_PHASES)
  return timeoutsOver(timeouts, options.timeout, CALL_PHASES)
}

interface TimeoutOption {
  readonly timeout?: number | CallTimeouts | undefined
}

/** What Druid is told of them, in the query context. */
export function timeoutContext({ total }: CallTimeouts): { readonly timeout?: number } {
  const limit = limitOf(total)
  return limit === undefined ? {} : { timeout: Math.ceil(limit) }
}

/** The limit of a phase, `undefined` for none. */
function limitOf(limit: number | undefined): number | undefined {
  return limit === undefined || limit === 0 || limit > LONGEST_TIMER ? undefined : limit
}

type Timer = ReturnType<typeof setTimeout>

/** Ends a call whose time runs out. A class: one is made for each call. */
export class Clock {
  readonly #abort: (reason: unknown) => void
  readonly #timeouts: CallTimeouts
  readonly #total: Timer | undefined
  readonly #until: number
  #firstByte: Timer | undefined
  #idle: Timer | undefined
  /** When waiting for the next piece began. */
  #since: number | undefined

  /** `abort`: ends the call. */
  constructor(abort: (reason: unknown) => void, timeouts: CallTimeouts) {
    this.#abort = abort
    this.#timeouts = timeouts
    this.#total = this.#timer('total', timeouts.total)
    this.#until = performance.now() + (limitOf(timeouts.total) ?? Number.POSITIVE_INFINITY)
  }

  /** When the call must be over (`performance.now()`). */
  get until(): number {
    return this.#until
  }

  /** The request is sent. */
  sent(): void {
    clearTimeout(this.#firstByte)
    this.#firstByte = this.#timer('firstByte', this.#timeouts.firstByte)
  }

  /** The reply has begun. */
  replied(): void {
    clearTimeout(this.#firstByte)
  }

  /** A piece of the reply is waited for. */
  waiting(): void {
    this.#since = performance.now()
    const idle = limitOf(this.#timeouts.idle)
    if (this.#idle === undefined && idle !== undefined) this.#watch(idle, idle)
  }

  /** It has come. That its taker is slow does not count. */
  came(): void {
    this.#since = undefined
  }

  /** The call is over. */
  release(): void {
    clearTimeout(this.#total)
    clearTimeout(this.#firstByte)
    clearTimeout(this.#idle)
  }

  /** One timer for all pieces: setting one for each would cost more than reading it. */
  #watch(idle: number, after: number): void {
    this.#idle = setTimeout(() => {
      const waited = this.#since === undefined ? 0 : performance.now() - this.#since
      if (waited < idle) this.#watch(idle, idle - waited)
      else this.#over('idle', idle)
    }, after)
    // A stream that nobody reads any more must not keep the process alive.
    ;(this.#idle as { unref?: () => void }).unref?.()
  }

  #timer(phase: 'firstByte' | 'total', given: number | undefined): Timer | undefined {
    const limit = limitOf(given)
    return limit === undefined ? undefined : setTimeout(() => this.#over(phase, limit), limit)
  }

  #over(phase: 'firstByte' | 'idle' | 'total', limit: number): void {
    const why = {
      firstByte: `no reply had begun after ${limit} ms`,
      idle: `nothing more of the reply came for ${limit} ms`,
      total: `it was not over after ${limit} ms`,
    }[phase]
    const message = `${why}; allow more by the option timeout: { ${phase}: milliseconds }`
    this.#abort(ending(new DruidError('TIMEOUT', message, { phase })))
  }
}
