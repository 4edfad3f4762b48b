import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { derbyLog, type Jvm } from './jvm.ts'
import type { OnProgress } from './progress.ts'

/** What to wait for. */
export interface Expected {
  readonly jvm: Jvm
  /** As which `sys.servers` lists it; none for what is no service of Druid. */
  readonly roles: readonly string[]
  readonly port: number
  readonly url: string | undefined
  /** When it was started, which tells it from an earlier one at the same port. */
  readonly since: number
}

export interface ReadyOptions {
  /** Routers or Brokers that must answer SQL; with none, each service is asked by itself. */
  readonly askUrls: readonly string[]
  readonly timeout: number
  readonly dataDir: string
  /** What lets the asking in. */
  readonly headers: Readonly<Record<string, string>>
  readonly onProgress: OnProgress
  readonly signal?: AbortSignal | undefined
}

type Headers = Readonly<Record<string, string>>

/** Lines of a log that an error shows. */
const TAIL = 30

/**
 * Resolves when SQL is answered and `sys.servers` lists every role. Rejects, with the tail of the
 * log, when a service ends first or the time is over.
 */
export async function untilReady(
  services: readonly Expected[],
  options: ReadyOptions,
): Promise<void> {
  const { askUrls, headers, onProgress, signal } = options
  const deadline = performance.now() + options.timeout
  const wanted = services.flatMap(({ jvm, roles, port, since }) =>
    roles.map((role) => ({ service: jvm.name, role, key: `${role}:${port}`, since })),
  )
  const total = wanted.length
  const seen = new Set<string>()
  const message = 'starting services'
  if (total > 0) onProgress({ step: 'start', message, done: 0, total })
  while (true) {
    signal?.throwIfAborted()
    await throwIfFailed(services, options.dataDir)
    const missing = await closedPorts(services.filter(({ url }) => url === undefined))
    if (askUrls.length === 0) missing.push(...(await undiscovered(services, headers)))
    for (const url of askUrls) {
      const listed = await listedServers(url, headers)
      for (const { service, role, key, since } of wanted) {
        if ((listed.get(key) ?? 0) < since) missing.push(role)
        else if (!seen.has(key)) {
          seen.add(key)
          onProgress({ step: 'start', service, message, done: seen.size, total })
        }
      }
    }
    if (missing.length === 0) return
    if (performance.now() > deadline) {
      const [late = 'router'] = await undiscovered(services, headers)
      const blamed = services.find((it) => it.jvm.name === late) ?? (services[0] as Expected)
      const roles = [...new Set(missing)].join(', ')
      const why = `was not ready after ${options.timeout / 1000} s (missing: ${roles})`
      throw await failure(blamed, why)
    }
    await sleep(250, undefined, { signal })
  }
}

async function throwIfFailed(services: readonly Expected[], dataDir: string): Promise<void> {
  for (const service of services) {
    const { jvm } = service
    if (jvm.hasEnded()) throw await failure(service, `ended with ${await jvm.exit} while starting`)
    // A Coordinator whose Derby has no port hangs.
    const derby = await readFile(derbyLog(dataDir, jvm.name), 'utf8').catch(() => '')
    const noPort = derby.split('\n').find((line) => line.includes('Could not listen on port'))
    if (noPort === undefined) continue
    throw await failure(service, `cannot serve Derby: ${noPort.trim()} Address already in use`)
  }
}

/** What went wrong with a service, and the end of its log. */
async function failure({ jvm, roles }: Expected, why: string): Promise<Error> {
  const tail = await jvm.logTail(TAIL)
  const log =
    tail === ''
      ? `Its log (${jvm.logFile}) is empty`
      : `The end of its log (${jvm.logFile}):\n${tail}`
  return new Error(`${roles.length > 0 ? "Druid's " : ''}${jvm.name} ${why}. ${log}`)
}

/** `<role>:<port>` of each → since when; none while the Router, or the Broker, cannot answer. */
async function listedServers(url: string, headers: Headers): Promise<ReadonlyMap<string, number>> {
  try {
    const response = await fetch(`${url}/druid/v2/sql`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({
        query: 'SELECT server_type, plaintext_port, start_time FROM sys.servers',
        resultFormat: 'array',
      }),
      signal: AbortSignal.timeout(10_000),
    })
    const rows: unknown = response.ok ? await response.json() : []
    if (!Array.isArray(rows)) return new Map()
    return new Map(
      rows.map(([role, port, start]: [string, number, string]) => [
        `${role}:${port}`,
        Date.parse(start),
      ]),
    )
  } catch {
    return new Map()
  }
}

/** Those that do not say of themselves that the others can find them. */
async function undiscovered(services: readonly Expected[], headers: Headers): Promise<string[]> {
  const names: string[] = []
  for (const { jvm, url } of services) {
    if (url === undefined) continue
    const ready = await fetch(`${url}/status/selfDiscovered`, {
      headers,
      signal: AbortSignal.timeout(2_000),
    }).then(
      ({ ok }) => ok,
      () => false,
    )
    if (!ready) names.push(jvm.name)
  }
  return names
}

async function closedPorts(services: readonly Expected[]): Promise<string[]> {
  const names: string[] = []
  for (const { jvm, port } of services) {
    const open = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true))
      socket.on('error', () => resolve(false)).on('connect', () => socket.destroy())
    })
    if (!open) names.push(jvm.name)
  }
  return names
}
