import type { Channels } from './channels.ts'
import type { Events, Hooks, Operation } from './events.ts'
import { guarded } from './guarded.ts'
import { logged } from './log.ts'
import { type Audience, Observation } from './observation.ts'
import type { Observers } from './observe.ts'

/** A call that begins: which it is of its connection, and when it began (`performance.now()`). */
export interface Begun {
  readonly operation: Operation
  readonly queryId: string | undefined
  readonly call: number
  readonly start: number
}

/** Observes calls for these; loaded for the first of them. */
export function observer(
  { tracer, log, hooks, observeText = false }: Observers,
  channels: Channels | undefined,
): (begun: Begun) => Observation {
  const told: [name: string, hooks: Hooks][] = []
  if (hooks !== undefined) told.push(['hooks.', hooks])
  if (log !== undefined) told.push(['log at ', logged(log)])
  const audience: Audience = {
    tracer,
    text: observeText,
    tell(kind, event) {
      for (const [name, one] of told) {
        guarded(`connect: ${name}${kind}`, () => call(one, kind, event))
      }
      if (channels?.[kind].hasSubscribers) channels[kind].publish(event)
    },
  }
  return (begun) => new Observation(audience, begun)
}

function call<K extends keyof Events>(hooks: Hooks, kind: K, event: Events[K]): unknown {
  return hooks[kind]?.(event)
}
