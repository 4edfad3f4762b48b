import { checkNames } from '@druid/core/extension'
import { pathPattern } from '../fake/route.ts'
import { type Fault, faultsOf } from './fault.ts'
import { wrongFault } from './problem.ts'

/** Which exchanges a fault is for. */
export interface FaultOptions {
  /**
   * Method and path, as in the routes of `fakeDruid`: `'POST /druid/v2/sql'`, `'DELETE /druid/v2/*'`;
   * `'* /druid/*'` is any method. Default: any request.
   */
  readonly on?: string | undefined
}

/** The same, and how many of them. */
export interface NextFaultOptions extends FaultOptions {
  /** Default 1. */
  readonly times?: number | undefined
}

type Matches = (method: string, path: string) => boolean

interface Rule {
  readonly matches: Matches
  readonly faults: readonly Fault[]
  left: number
}

/** What was said of the exchanges to come. */
export interface Rules {
  next(faults: Fault | readonly Fault[], options?: NextFaultOptions): void
  always(faults: Fault | readonly Fault[], options?: FaultOptions): void
  clear(): void
  /** How many that were said by `next` are still to come. */
  left(): number
  /** The faults of an exchange that begins: those that are always there, and of the next ones the first. */
  take(method: string, path: string, reused: boolean): readonly Fault[]
}

export function rules(): Rules {
  let list: Rule[] = []
  function add(faults: readonly Fault[], on: string | undefined, left: number): void {
    list.push({ matches: matcherOf(on), faults, left })
  }
  return {
    next(faults, options = {}) {
      checkNames(options, ['on', 'times'], 'next')
      const { on, times = 1 } = options
      if (!Number.isSafeInteger(times) || times < 1) {
        throw wrongFault('next: times is a whole number, 1 or more', 'times')
      }
      add(faultsOf(faults), on, times)
    },
    always(faults, options = {}) {
      checkNames(options, ['on'], 'always')
      add(faultsOf(faults), options.on, Number.POSITIVE_INFINITY)
    },
    clear() {
      list = []
    },
    left() {
      const counts = list.map(({ left }) => left).filter(Number.isFinite)
      return counts.reduce((sum, left) => sum + left, 0)
    },
    take(method, path, reused) {
      const fitting = list.filter(({ matches, faults }) => {
        return matches(method, path) && (reused || !faults.some(isStale))
      })
      const next = fitting.find(({ left }) => left !== Number.POSITIVE_INFINITY)
      if (next !== undefined) next.left -= 1
      list = list.filter(({ left }) => left > 0)
      return fitting
        .filter((rule) => rule === next || rule.left === Number.POSITIVE_INFINITY)
        .flatMap(({ faults }) => faults)
    },
  }
}

function isStale(fault: Fault): boolean {
  return 'fault' in fault && fault.fault === 'stale'
}

/** Whether a request is one of those that are meant. */
export function matcherOf(on: string | undefined): Matches {
  if (on === undefined) return () => true
  const [, wanted, path] = /^([A-Z]+|\*) (\/[^?#\s]*)$/.exec(String(on)) ?? []
  if (wanted === undefined || path === undefined) {
    throw wrongFault(
      `on: ${JSON.stringify(on)} is none; write a method and a path without a query, e.g. 'POST /druid/v2/sql' or '* /druid/v2/*'`,
      'on',
    )
  }
  const { pattern } = pathPattern(path)
  return (method, asked) => (wanted === '*' || wanted === method) && pattern.test(asked)
}
