import { createHook } from 'node:async_hooks'
import process from 'node:process'

/**
 * What keeps running until somebody ends it, by Node's names. The rest comes and goes by itself, or
 * (files) is known to have gone only when its memory is freed.
 */
const KINDS: Readonly<Record<string, string>> = {
  Timeout: 'a timer',
  TCPWRAP: 'a socket',
  TCPSERVERWRAP: 'a server',
  PIPEWRAP: 'a pipe',
  PIPESERVERWRAP: 'a server',
  UDPWRAP: 'a UDP socket',
  FSEVENTWRAP: 'a watcher of files',
  STATWATCHER: 'a watcher of files',
  PROCESSWRAP: 'a process',
  MESSAGEPORT: 'a message port',
}

/** What is open: handles, and listeners on `process`. */
export interface Handles {
  /** From now on what is made belongs to the extension. */
  follow(): void
  /** From now on what is made is not followed; whether it ends still is. */
  ignore(): void
  /** What was made and has not ended, e.g. `a timer`. */
  open(): string[]
  /** Takes what is open for known: it is not told again. */
  forget(): void
  stop(): void
}

type Listener = ReturnType<typeof process.rawListeners>[number]

export function handles(): Handles {
  const alive = new Map<number, string>()
  let following = false
  let known: ReadonlySet<Listener> = new Set()
  const added = new Map<Listener, string>()
  const hook = createHook({
    init(id, type) {
      const kind = following ? KINDS[type] : undefined
      if (kind !== undefined) alive.set(id, kind)
    },
    destroy(id) {
      alive.delete(id)
    },
  }).enable()

  const noteListeners = (): void => {
    for (const [listener, event] of listeners()) {
      if (!known.has(listener)) added.set(listener, event)
    }
  }

  return {
    follow() {
      if (following) return
      known = new Set(listeners().keys())
      following = true
    },
    ignore() {
      if (following) noteListeners()
      following = false
    },
    open() {
      if (following) noteListeners()
      const now = listeners()
      const left = [...added].filter(([listener]) => now.has(listener))
      const heard = left.map(([, event]) => `a listener for "${event}" on process`)
      return [...new Set([...alive.values(), ...heard])]
    },
    forget() {
      alive.clear()
      added.clear()
      known = new Set(listeners().keys())
    },
    stop() {
      hook.disable()
    },
  }
}

/** Of `process`: listener → its event. */
function listeners(): Map<Listener, string> {
  const events = process.eventNames()
  return new Map(
    events.flatMap((event) =>
      process.rawListeners(event as 'exit').map((it): [Listener, string] => [it, String(event)]),
    ),
  )
}
