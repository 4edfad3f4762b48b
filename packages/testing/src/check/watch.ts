import { type Effect, guard } from './guards.ts'
import { handles } from './handles.ts'
import { fault, type Problem, type Rule, warning } from './problem.ts'
import { sharedObjects, snapshot } from './snapshot.ts'

// An extension may replace them.
const { setTimeout, setImmediate } = globalThis

export type Phase = 'import' | 'register' | 'construct' | 'close'

/** What of the extension runs: `subject` begins the sentence that an {@link Effect} completes. */
export interface Moment {
  readonly phase: Phase
  readonly subject: string
}

/** Sees what an extension does while it runs, and tells what it should not. */
export interface Watch {
  /** Runs a piece of it. What happens until the next piece counts as done by this one. */
  during<T>(moment: Moment, run: () => T): T
  /** Tells of something that was seen elsewhere, as done by the piece that runs. */
  see(effect: Effect): void
  /** Compares what everybody shares: after a piece that went on by itself. */
  compare(): void
  /** How often it reached out, or tried to end the process. */
  acts(): number
  /**
   * Gives what was left open time to end; then says what did not, since the last time. Nothing, if it
   * was kept from something by force: what it had begun for that is still there.
   */
  left(): Promise<string[]>
  stop(): void
}

export interface WatchOptions {
  /**
   * Whether nothing else runs in this process: then it is on its guard all the time; else only
   * during each piece, which must be synchronous.
   */
  readonly alone: boolean
  readonly core: Readonly<Record<string, object>>
  readonly tell: (problem: Problem) => void
}

const INSTEAD: Readonly<Partial<Record<Rule, string>>> = {
  R5: 'importing and registering only say what there is: do it in a method, when it is called',
  R11: 'a constructor only keeps what it is given: do it in a method, when it is called',
  R13: 'all of the process shares it: leave it as it is',
}
/** Nobody is harmed by a new name; and packages in use everywhere add some to themselves. */
const ADDED =
  'all of the process shares it: if it is yours, and not of a package that you import, keep it in the module'

export function watch({ alone, core, tell }: WatchOptions): Watch {
  const open = handles()
  let moment: Moment = { phase: 'import', subject: 'importing it' }
  let acts = 0
  let stopped = false
  const see = (effect: Effect): void => {
    if (effect.kind === 'act') acts += 1
    const rule = ruleOf(effect, moment)
    if (rule === undefined) return
    const what = `${moment.subject} ${effect.text}`
    if (effect.kind === 'added') tell(warning(rule, `${what}; ${ADDED}`))
    else tell(fault(rule, `${what}; ${INSTEAD[rule]}`))
  }
  const stop = (effect: Effect): void => {
    stopped = true
    see(effect)
  }
  const release = alone ? guard(stop) : undefined
  const objects = sharedObjects(core)
  const base = alone ? snapshot(objects) : undefined
  const compare = (): void => {
    for (const effect of base?.changes() ?? []) see(effect)
  }

  return {
    during(next, run) {
      moment = next
      const before = base ?? snapshot(objects)
      const end = release === undefined ? guard(stop) : undefined
      // What core sets up to wait for an end is not the extension's.
      if (next.phase === 'close') open.ignore()
      else open.follow()
      try {
        return run()
      } finally {
        end?.()
        for (const effect of before.changes()) see(effect)
        if (!alone) open.ignore()
      }
    },
    see,
    compare,
    acts: () => acts,
    async left() {
      for (let waited = 0; waited < 100 && open.open().length > 0; waited += 10) await settle(10)
      const left = stopped ? [] : open.open()
      stopped = false
      open.forget()
      return left
    },
    stop() {
      release?.()
      open.stop()
    },
  }
}

function ruleOf({ kind }: Effect, { phase }: Moment): Rule | undefined {
  if (kind === 'prototype') return 'R13'
  if (kind !== 'act') return 'R5'
  if (phase === 'close') return undefined
  return phase === 'construct' ? 'R11' : 'R5'
}

/** Lets what was begun come about. */
export async function settle(ms = 0): Promise<void> {
  if (ms > 0) await new Promise<void>((resolve) => setTimeout(resolve, ms))
  // After them it is known, too, that the timer is gone.
  for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}
