import { DruidError, isDruidError, messageOf } from '../error/error.ts'
import { isRecord } from '../error/record.ts'
import { fits } from '../extension/requirements.ts'

/** What a server may be able to do, or not. */
export type Capability =
  /** `SET` before a query (Druid 34). */
  | 'setStatements'
  /** Native results that break off are told from whole ones (Druid 31). */
  | 'nativeTruncation'
  /** SQL that writes, as a task: `/druid/v2/sql/task`. */
  | 'sqlTask'
  /** Queries that run on after the request: `/druid/v2/sql/statements`. */
  | 'sqlStatements'
  /** Another engine than the native one, such as Dart: `/druid/v2/sql/engines`. */
  | 'sqlEngines'
  /** Coordinator and Overlord through this Router: `/proxy/enabled`. */
  | 'managementProxy'

/** Since a version, or as a path answers. */
const PROBES: Readonly<Record<Capability, string>> = {
  setStatements: '>=34',
  nativeTruncation: '>=31',
  sqlTask: '/druid/v2/sql/task/enabled',
  sqlStatements: '/druid/v2/sql/statements/enabled',
  sqlEngines: '/druid/v2/sql/engines',
  managementProxy: '/proxy/enabled',
}

const RANGE = /^\s*(?:[<>]=?|=)\s*\d+(?:\.\d+){0,2}(?:\s+(?:[<>]=?|=)?\d+(?:\.\d+){0,2})*\s*$/

/** What asks the server. */
export interface Asking {
  version(): Promise<string>
  /** The parsed reply of a GET. */
  get(path: string): Promise<unknown>
}

/** Asks once for each; what failed is asked for again. */
export type Capabilities = (wanted: string, asking: Asking) => Promise<boolean>

export function capabilities(): Capabilities {
  const known = new Map<string, Promise<boolean>>()
  return (wanted, asking) => {
    let answer = known.get(wanted)
    if (answer === undefined) {
      answer = probe(wanted, asking)
      known.set(wanted, answer)
      answer.catch(() => known.delete(wanted))
    }
    return answer
  }
}

async function probe(wanted: string, asking: Asking): Promise<boolean> {
  if (typeof wanted !== 'string') throw unknownCapability()
  const how = Object.hasOwn(PROBES, wanted) ? PROBES[wanted as Capability] : wanted
  if (how.startsWith('/') && how !== wanted) return answers(how, asking)
  if (!RANGE.test(how)) {
    throw unknownCapability()
  }
  const version = await asking.version()
  const actual = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(version)?.slice(1)
  if (actual === undefined) {
    const why = `supports: the server's version "${version}" has no numbers to compare with ${how}`
    throw new DruidError('UNSUPPORTED', why)
  }
  return fits(
    actual.map((part) => Number(part ?? 0)),
    how,
  )
}

function unknownCapability(): DruidError {
  const names = Object.keys(PROBES).join(', ')
  const why = `supports: it is one of ${names}, or versions such as ">=31 <35"`
  return new DruidError('CONFIG', why, { option: 'capability' })
}

async function answers(path: string, asking: Asking): Promise<boolean> {
  try {
    const reply = await asking.get(path)
    const isOff = isRecord(reply) && reply.enabled === false
    // Of engines the native one is always there.
    const isNative = isRecord(reply) && Array.isArray(reply.engines) && reply.engines.length < 2
    return !isOff && !isNative
  } catch (error) {
    // Druid 27 knows no /proxy/enabled, and takes it for one that it is to pass on: thus it does so.
    if (messageOf(error).includes('Unsupported proxy destination')) return true
    // A path that is not there is answered in these ways, by version and service.
    const status = isDruidError(error) && 'status' in error ? error.status : undefined
    if (status === 400 || status === 404 || status === 405) return false
    throw error
  }
}
