import { changesContent } from './content.ts'
import type { Fault } from './fault.ts'
import type { Reply } from './reply.ts'

export type Pair = [name: string, value: string]

/** Of HTTP/1.1 between two neighbours: each frames in its own way. */
const FRAMING: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'transfer-encoding'])

/** The headers of a reply as the faults make them. */
export function headersOf(reply: Reply, faults: readonly Fault[]): string[] {
  const mustFrame =
    changesContent(faults) ||
    trailersIn(faults).length > 0 ||
    faults.some((one) => {
      return 'fault' in one && (one.fault === 'split' || (one.fault === 'cut' && one.by === 'end'))
    })
  const wrong = new Map<string, string | null>()
  if (mustFrame) wrong.set('content-length', null)
  for (const fault of faults) {
    if (!('fault' in fault)) continue
    if (fault.fault === 'gzip') wrong.set('content-encoding', 'gzip')
    if (fault.fault === 'trailers') wrong.set('trailer', Object.keys(fault.trailers).join(', '))
    if (fault.fault === 'headerRows' && fault.keep === 0) {
      wrong.set('x-druid-sql-header-included', null)
    }
    if (fault.fault === 'headers') {
      for (const [name, value] of Object.entries(fault.headers)) {
        wrong.set(name.toLowerCase(), value)
      }
    }
  }
  const headers: string[] = []
  const isFramed = wrong.get('content-length') != null
  for (const [name, value] of pairs(reply.headers)) {
    const key = name.toLowerCase()
    // Trailers come behind chunks only.
    const left = FRAMING.has(key) || wrong.has(key) || (isFramed && key === 'trailer')
    if (!left) headers.push(name, value)
  }
  for (const [name, value] of wrong) if (value !== null) headers.push(name, value)
  return headers
}

/** Those that faults send. */
export function trailersIn(faults: readonly Fault[]): Pair[] {
  return faults.flatMap((one) => {
    return 'fault' in one && one.fault === 'trailers' ? Object.entries(one.trailers) : []
  })
}

/** All of them. */
export function trailersOf(reply: Reply, faults: readonly Fault[]): Pair[] {
  const wrong = trailersIn(faults)
  const replaced = wrong.map(([name]) => name.toLowerCase())
  const right = pairs(reply.trailers()).filter(([name]) => !replaced.includes(name.toLowerCase()))
  return [...right, ...wrong]
}

function pairs(flat: readonly string[]): Pair[] {
  const list: Pair[] = []
  for (let i = 0; i + 1 < flat.length; i += 2) list.push([flat[i] ?? '', flat[i + 1] ?? ''])
  return list
}
