/** What is looked at. */
export type CheckName =
  | 'leaders'
  | 'services'
  | 'versions'
  | 'workers'
  | 'coordination'
  | 'segments'
  | 'replication'
  | 'servers'
  | 'tasks'
  | 'supervisors'

/**
 * `critical`: data is missing, or work stands still; `warning`: it will, or nearly does; `unknown`: it
 * could not be seen; `notice`: to be known, and maybe as it should be.
 */
export type Severity = 'critical' | 'warning' | 'unknown' | 'notice'

/** Something that is not as it should be, or may not be. */
export interface Finding {
  readonly check: CheckName
  readonly severity: Severity
  /** What it is about: `coordinator`, `data source flights`, `task index_…`, `historical host:8083`. */
  readonly subject: string
  /** What is the case. */
  readonly problem: string
  /** What to do. */
  readonly advice: string
  /** What Druid told: by names of its own, and of more than one thing a list. */
  readonly facts: Readonly<Record<string, unknown>>
}

/** A finding without its check, which whoever runs it knows. */
export type Found = Omit<Finding, 'check'>

/** As a row of a table; of a check that found nothing the texts are empty. */
export interface FindingRow {
  readonly severity: Severity | 'ok'
  readonly check: CheckName
  readonly subject: string
  readonly problem: string
  readonly advice: string
}

/** The worst first. */
const ORDER: readonly Severity[] = ['critical', 'warning', 'unknown', 'notice']

export function bySeverity(a: Finding, b: Finding): number {
  return ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity)
}

/** `1 segment`, `2 segments`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** What Druid says, without the stack trace. */
export function inShort(message: string): string {
  const [line = ''] = message.trim().split(/[\r\n]/, 1)
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line
}

const LONGEST = 300
