import { setTimeout as sleep } from 'node:timers/promises'
import type { Jvm } from './jvm.ts'
import type { OnProgress } from './progress.ts'

/** Lines of a log that an error shows. */
const TAIL = 30

/**
 * Resolves when the Router answers SQL and `sys.servers` lists every role. Rejects, with the tail of
 * the log, when a service ends first or the time is over.
 */
export async function untilReady(
  jvms: readonly Jvm[],
  roles: readonly string[],
  routerUrl: string,
  options: {
    readonly timeout: number
    readonly onProgress: OnProgress
    readonly signal?: AbortSignal | undefined
  },
): Promise<void> {
  const deadline = performance.now() + options.timeout
  let listed: readonly string[] = []
  while (true) {
    options.signal?.throwIfAborted()
    for (const jvm of jvms) {
      if (jvm.hasEnded()) throw await failure(jvm, `ended with ${await jvm.exit} while starting`)
    }
    listed = await listedRoles(routerUrl)
    const missing = roles.filter((role) => !listed.includes(role))
    const done = roles.length - missing.length
    if (missing.length === 0) return
    if (performance.now() > deadline) {
      const name = missing[0] === 'overlord' ? 'coordinator' : missing[0]
      const jvm = jvms.find((it) => it.name === (listed.length === 0 ? 'router' : name))
      const why = `was not ready after ${options.timeout / 1000} s (missing: ${missing.join(', ')})`
      throw await failure(jvm ?? (jvms[0] as Jvm), why)
    }
    options.onProgress({ step: 'start', message: 'starting services', done, total: roles.length })
    await sleep(250, undefined, { signal: options.signal })
  }
}

/** What went wrong with a service, and the end of its log. */
async function failure(jvm: Jvm, why: string): Promise<Error> {
  const tail = await jvm.logTail(TAIL)
  return new Error(`Druid's ${jvm.name} ${why}. The end of its log (${jvm.logFile}):\n${tail}`)
}

async function listedRoles(routerUrl: string): Promise<string[]> {
  try {
    const response = await fetch(`${routerUrl}/druid/v2/sql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query: 'SELECT DISTINCT server_type FROM sys.servers',
        resultFormat: 'array',
      }),
      signal: AbortSignal.timeout(10_000),
    })
    const rows: unknown = response.ok ? await response.json() : []
    return Array.isArray(rows) ? rows.flat().map(String) : []
  } catch {
    return []
  }
}
