import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Jvm } from './jvm.ts'
import type { OnProgress } from './progress.ts'

/** What to wait for: a service, its roles, and the port that tells it from an earlier run's. */
export interface Expected {
  readonly name: string
  readonly roles: readonly string[]
  readonly port: number
  readonly url: string | undefined
}

/** Lines of a log that an error shows. */
const TAIL = 30

/**
 * Resolves when the Router answers SQL and `sys.servers` lists every role. Rejects, with the tail of
 * the log, when a service ends first or the time is over.
 */
export async function untilReady(
  jvms: readonly Jvm[],
  services: readonly Expected[],
  routerUrl: string,
  options: {
    readonly timeout: number
    /** Where Derby, inside the Coordinator, says that its port is taken; the Coordinator then hangs. */
    readonly derbyLog: string
    /** What lets the asking in. */
    readonly headers: Readonly<Record<string, string>>
    readonly onProgress: OnProgress
    readonly signal?: AbortSignal | undefined
  },
): Promise<void> {
  const deadline = performance.now() + options.timeout
  const wanted = services.flatMap(({ name, roles, port }) =>
    roles.map((role) => ({ service: name, role, key: `${role}:${port}` })),
  )
  const total = wanted.length
  const seen = new Set<string>()
  options.onProgress({ step: 'start', message: 'starting services', done: 0, total })
  while (true) {
    options.signal?.throwIfAborted()
    for (const jvm of jvms) {
      if (jvm.hasEnded()) throw await failure(jvm, `ended with ${await jvm.exit} while starting`)
    }
    const derby = await readFile(options.derbyLog, 'utf8').catch(() => '')
    const noPort = derby.split('\n').find((line) => line.includes('Could not listen on port'))
    if (noPort !== undefined) {
      const why = `cannot serve the metadata store: ${noPort.trim()} Address already in use`
      throw await failure(jvms.find(({ name }) => name === 'coordinator') ?? (jvms[0] as Jvm), why)
    }
    const listed = await listedServers(routerUrl, options.headers)
    for (const { service, key } of wanted) {
      if (!listed.has(key) || seen.has(key)) continue
      seen.add(key)
      const message = 'starting services'
      options.onProgress({ step: 'start', service, message, done: seen.size, total })
    }
    const missing = wanted.filter(({ key }) => !listed.has(key)).map(({ role }) => role)
    if (missing.length === 0) return
    if (performance.now() > deadline) {
      const late = await firstUnready(services, options.headers)
      const jvm = jvms.find(({ name }) => name === late) ?? (jvms[0] as Jvm)
      const why = `was not ready after ${options.timeout / 1000} s (missing: ${missing.join(', ')})`
      throw await failure(jvm, why)
    }
    await sleep(250, undefined, { signal: options.signal })
  }
}

/** What went wrong with a service, and the end of its log. */
async function failure(jvm: Jvm, why: string): Promise<Error> {
  const tail = await jvm.logTail(TAIL)
  const log =
    tail === ''
      ? `Its log (${jvm.logFile}) is empty`
      : `The end of its log (${jvm.logFile}):\n${tail}`
  return new Error(`Druid's ${jvm.name} ${why}. ${log}`)
}

/** `<role>:<port>` of each; none while the Router, or the Broker behind it, cannot answer. */
async function listedServers(
  routerUrl: string,
  headers: Readonly<Record<string, string>>,
): Promise<ReadonlySet<string>> {
  try {
    const response = await fetch(`${routerUrl}/druid/v2/sql`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({
        query: 'SELECT server_type, plaintext_port FROM sys.servers',
        resultFormat: 'array',
      }),
      signal: AbortSignal.timeout(10_000),
    })
    const rows: unknown = response.ok ? await response.json() : []
    return new Set(Array.isArray(rows) ? rows.map((row: unknown[]) => row.join(':')) : [])
  } catch {
    return new Set()
  }
}

/** The first that does not say of itself that the others can find it; else the Router. */
async function firstUnready(
  services: readonly Expected[],
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  for (const { name, url } of services) {
    if (url === undefined) continue
    const ready = await fetch(`${url}/status/selfDiscovered`, {
      headers,
      signal: AbortSignal.timeout(2_000),
    }).then(
      ({ ok }) => ok,
      () => false,
    )
    if (!ready) return name
  }
  return 'router'
}
