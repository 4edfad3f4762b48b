import type { ArchiveUse } from './archive.ts'
import { type Jvm, type JvmSpec, startJvm } from './jvm.ts'
import type { Lock } from './lock.ts'
import { isGround, type Member } from './members.ts'
import { processId } from './process.ts'

/** A member of a cluster, and the process that it runs as now or ran as last. */
export interface Life {
  readonly member: Member
  readonly jvm: Jvm
  readonly archive: ArchiveUse
  /** When it was started, in milliseconds since 1970. */
  readonly since: number
}

/** The processes of a cluster; a name that none has is an `Error`. */
export interface Crew {
  /** The last life of each member, in the order in which they were first started. */
  lives(): readonly Life[]
  begin(member: Member): Promise<Life>
  kill(name: string): Promise<void>
  /** Ends it if need be, within `grace` milliseconds or by force, and starts it anew. */
  renew(name: string, grace: number): Promise<Life>
  /** Ends all; none can be started any more. */
  endAll(grace: number): Promise<void>
}

export interface CrewOptions {
  readonly spec: (member: Member) => Promise<Omit<JvmSpec, 'name'>>
  /** Where process ids are written down. */
  readonly lock: Lock
  /** Called for a member that nobody ended. */
  readonly onLost: (jvm: Jvm, how: number | string) => void
}

export function makeCrew({ spec, lock, onLost }: CrewOptions): Crew {
  const lives = new Map<string, Life>()
  /** Those that were asked to end, or made to. */
  const dismissed = new Set<Jvm>()
  const beginning = new Set<Promise<Life>>()
  const renewing = new Set<string>()
  let ending = false

  const life = (name: string): Life => {
    const found = lives.get(name)
    if (found !== undefined) return found
    throw new Error(`there is no service "${name}"; there are ${[...lives.keys()].join(', ')}`)
  }
  const dismiss = async ({ jvm }: Life, grace: number): Promise<void> => {
    dismissed.add(jvm)
    await jvm.stop(grace)
  }
  const start = async (member: Member): Promise<Life> => {
    const made = await spec(member)
    const since = Date.now()
    const jvm = await startJvm({ ...made, name: member.name })
    const begun = { member, jvm, archive: made.archive, since }
    lives.set(member.name, begun)
    const ids = [...lives.values()].map((it) => processId(it.jvm.pid))
    await lock.record(await Promise.all(ids))
    void jvm.exit.then((how) => {
      if (!dismissed.has(jvm)) onLost(jvm, how)
    })
    return begun
  }
  const begin = async (member: Member): Promise<Life> => {
    if (ending) throw new Error(`${member.name} is not started: the cluster ends`)
    const begun = start(member)
    beginning.add(begun)
    return begun.finally(() => beginning.delete(begun))
  }
  return {
    lives: () => [...lives.values()],
    begin,
    async kill(name) {
      const { jvm } = life(name)
      dismissed.add(jvm)
      await jvm.kill()
    },
    async renew(name, grace) {
      const former = life(name)
      if (renewing.has(name)) throw new Error(`${name} is being started again already`)
      renewing.add(name)
      try {
        await dismiss(former, grace)
        return await begin(former.member)
      } finally {
        renewing.delete(name)
      }
    },
    async endAll(grace) {
      ending = true
      await Promise.allSettled(beginning)
      const all = [...lives.values()]
      // A service whose ZooKeeper is gone never ends its shutdown.
      for (const ground of [false, true]) {
        const group = all.filter(({ member }) => isGround(member) === ground)
        await Promise.all(group.map((it) => dismiss(it, grace)))
      }
    },
  }
}
