import { createServer } from 'node:net'
import type { MemberKind, ServiceName } from './members.ts'

/**
 * Every port of a cluster, by the name of the service. `historical-2` is that of the second
 * Historical, `router-tls` the one for HTTPS; `coordinator-derby` belongs to a metadata store that a
 * Coordinator starts and nobody uses, `middleManager-peon` to a task of a MiddleManager.
 */
export type Ports = Readonly<Record<(typeof PORT_NAMES)[number], number>> & {
  readonly middleManager?: number
  readonly [name: `${ServiceName}-${string}`]: number
}

/** Of any cluster. */
export const PORT_NAMES = [
  'zookeeper',
  'metadata',
  'coordinator',
  'broker',
  'historical',
  'router',
  'indexer',
] as const satisfies readonly MemberKind[]

/** Below the range that systems take for outgoing connections, which come and go. */
const FIRST = 20_000
const COUNT = 12_000

/**
 * A port of each name: the given ones, checked, and free ones for the others. Throws when a given
 * one is in use.
 */
export async function choosePorts(
  given: Partial<Ports> = {},
  names: readonly string[] = PORT_NAMES,
): Promise<Ports> {
  for (const [name, port] of Object.entries(given)) {
    if (port === undefined) continue
    if (!names.includes(name)) {
      throw new Error(`there is no port "${name}"; there are ${names.join(', ')}`)
    }
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      throw new Error(`${port} is no port (ports.${name})`)
    }
    const [twin] = Object.entries(given).find(([other, it]) => other !== name && it === port) ?? []
    if (twin !== undefined) throw new Error(`port ${port} is given twice: ${name} and ${twin}`)
    if (!(await isFree(port))) {
      throw new Error(`port ${port} (ports.${name}) is in use; give another, or leave it out`)
    }
  }
  const ports: Record<string, number | undefined> = { ...given }
  let candidate = FIRST + Math.floor(Math.random() * COUNT)
  for (const name of names) {
    while (ports[name] === undefined) {
      candidate = FIRST + ((candidate - FIRST + 1) % COUNT)
      const taken = Object.values(ports).includes(candidate)
      if (!taken && (await isFree(candidate))) ports[name] = candidate
    }
  }
  return ports as Ports
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
