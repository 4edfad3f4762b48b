import {
  abortError,
  checkNames,
  type DruidError,
  isDruidError,
  type RequestOptions,
  type ServiceHost,
} from '@druid/core/extension'
import type { ExplainOptions, MappedService } from '../discovery/explain.ts'
import type { Services } from '../services.ts'
import { checkCoordination } from './coordination.ts'
import {
  bySeverity,
  type CheckName,
  type Finding,
  type FindingRow,
  type Found,
  inShort,
  type Severity,
} from './finding.ts'
import { checkLeaders } from './leaders.ts'
import { type HealthLimits, limitsOf } from './limits.ts'
import { checkReplication, checkSegments } from './segments.ts'
import { checkServers } from './servers.ts'
import { checkServices, checkVersions } from './services.ts'
import type { HealthSetup } from './setup.ts'
import { checkSupervisors } from './supervisors.ts'
import { checkTasks } from './tasks.ts'
import { checkWorkers } from './workers.ts'

export interface CheckOptions extends Omit<RequestOptions, 'timeout'> {
  /** What to look at. Default: all. */
  readonly checks?: readonly CheckName[] | undefined
  /** From where on something is worth a warning. */
  readonly limits?: Partial<HealthLimits> | undefined
  /** Milliseconds that each request may take. Default: 10,000. */
  readonly timeout?: number | undefined
}

/** How a cluster is. */
export interface HealthReport {
  /** The worst that was found; `ok` when there are notices at most. */
  readonly status: 'ok' | Exclude<Severity, 'notice'>
  /** ISO 8601. */
  readonly time: string
  /** What was looked at, whether something was found or not. */
  readonly checks: readonly CheckName[]
  /** The worst first. */
  readonly findings: readonly Finding[]
  /**
   * The same as a table: a row for each finding, and one for each check that found nothing. `table` and the
   * other functions of `@druid/format` take them.
   */
  readonly rows: readonly FindingRow[]
}

const CHECKS: Readonly<Record<CheckName, (setup: HealthSetup) => Promise<Found[]>>> = {
  leaders: checkLeaders,
  services: checkServices,
  versions: checkVersions,
  workers: checkWorkers,
  coordination: checkCoordination,
  segments: checkSegments,
  replication: checkReplication,
  servers: checkServers,
  tasks: checkTasks,
  supervisors: checkSupervisors,
}

const ALL = Object.keys(CHECKS) as CheckName[]

/** The cluster, as far as its health goes. */
export interface Reached {
  explainMapping(options?: ExplainOptions): Promise<readonly MappedService[]>
  serviceHosts(role: string): Promise<readonly ServiceHost[]>
}

/** See `Cluster.check`. */
export async function checkHealth(
  { coordinator, overlord }: Services,
  cluster: Reached,
  given: CheckOptions,
): Promise<HealthReport> {
  const { checks = ALL, limits, timeout = 10_000, ...options } = given
  checkNames(Object.fromEntries(checks.map((name) => [name, true])), ALL, 'check: checks')
  const { signal } = options
  let services: Promise<readonly MappedService[]> | undefined
  const setup: HealthSetup = {
    coordinator,
    overlord,
    limits: limitsOf(limits),
    options: { ...options, timeout },
    services() {
      services ??= cluster.explainMapping({ signal, timeout })
      return services
    },
    hosts: (role) => cluster.serviceHosts(role),
  }
  const found = await Promise.all(checks.map((check) => findingsOf(check, setup)))
  if (signal?.aborted) throw abortError(signal, 'the check of the cluster')
  const findings = [...found.flat(), ...unseen(checks, found.flat())].sort(bySeverity)
  const worst = findings[0]?.severity ?? 'notice'
  return {
    status: worst === 'notice' ? 'ok' : worst,
    time: new Date().toISOString(),
    checks,
    findings,
    rows: rowsOf(checks, findings),
  }
}

async function findingsOf(check: CheckName, setup: HealthSetup): Promise<Finding[]> {
  try {
    const found = await CHECKS[check](setup)
    return found.map((finding) => ({ check, ...finding }))
  } catch (error) {
    if (!isDruidError(error) || OF_THE_CALLER.has(error.code)) throw error
    return [{ check, ...notSeen(check, error) }]
  }
}

/** They say nothing of the cluster. */
const OF_THE_CALLER: ReadonlySet<string> = new Set([
  'CANCELLED',
  'CLOSED',
  'CONFIG',
  'EXTENSION',
  'UNAUTHENTICATED',
])

function notSeen(check: CheckName, error: DruidError): Found {
  const { code } = error
  const message = inShort(error.message)
  const isForbidden = code === 'FORBIDDEN'
  return {
    severity: 'unknown',
    subject: check,
    problem: isForbidden
      ? `This user may not see it: ${message}`
      : `It could not be looked at: ${message}`,
    advice: isForbidden
      ? 'Give the user the permissions STATE READ and CONFIG READ.'
      : 'See whether the service is up, and reached from here.',
    facts: { code },
  }
}

/** Lists of these are silently without what a user may not see. */
const PARTLY_SEEN: Partial<Record<CheckName, string>> = {
  tasks: 'Only tasks of data sources that this user may read were looked at',
  supervisors: 'Only supervisors of data sources that this user may write to were looked at',
}

/** A user who may not see the state of the cluster may as a rule not see all data sources either. */
function unseen(checks: readonly CheckName[], findings: readonly Finding[]): Finding[] {
  const forbidden = findings.filter(({ facts }) => facts.code === 'FORBIDDEN')
  if (forbidden.length === 0) return []
  const told = new Set(forbidden.map(({ check }) => check))
  return (Object.entries(PARTLY_SEEN) as [CheckName, string][])
    .filter(([check]) => checks.includes(check) && !told.has(check))
    .map(([check, problem]) => ({
      check,
      severity: 'unknown',
      subject: check,
      problem,
      advice: 'Ask as a user who may read and write all data sources.',
      facts: {},
    }))
}

function rowsOf(checks: readonly CheckName[], findings: readonly Finding[]): FindingRow[] {
  const bad = findings.map(({ severity, check, subject, problem, advice }) => {
    return { severity, check, subject, problem, advice }
  })
  const good = checks
    .filter((check) => !findings.some((finding) => finding.check === check))
    .map((check) => ({ severity: 'ok', check, subject: '', problem: '', advice: '' }) as const)
  return [...bad, ...good]
}
