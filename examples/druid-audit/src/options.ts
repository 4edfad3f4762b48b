import { DruidError } from '@druid/core/extension'
import type { AuditEntry } from './log.ts'
import type { Mask } from './mask.ts'

/** What an application says by `audit.with({ … })`; everything may be left out. */
export interface AuditOptions {
  /** Stands in a comment at the end of each statement, where Druid's request log shows it. */
  readonly application?: string
  /** Statements that are not sent: the name of a table (`sys.servers`, any case), or a pattern. */
  readonly deny?: readonly (string | RegExp)[]
  /** Column → what is done with its values. Any column of a result that has such a name. */
  readonly mask?: Readonly<Record<string, Mask>>
  /** Error code → what is added to the message of such an error: whom to ask, where to look. */
  readonly advice?: Readonly<Record<string, string>>
  /** Where finished entries go: in order, each once, at the latest when the connection is closed. */
  readonly write?: (entries: readonly AuditEntry[]) => unknown
  /** How many entries `entries()` remembers. Default: 1000. */
  readonly keep?: number
  /** The key of `connect(url, { auth: 'acme' })`. */
  readonly signing?: SigningKey
  /** `host:port` as Druid lists it → the URL of the gateway before it. */
  readonly gateways?: Readonly<Record<string, string>>
}

/** A key that Acme's gateways know. */
export interface SigningKey {
  readonly id: string
  readonly secret: string
}

/** @throws DruidError `CONFIG` for what cannot be: the extension is then left out, and reported. */
export function checkOptions({ application, keep = 1 }: AuditOptions): void {
  if (application !== undefined && !/^[\w .:/-]+$/.test(application)) {
    throw new DruidError('CONFIG', 'audit: application may have letters, digits and " .:/-_"', {
      option: 'application',
    })
  }
  if (!Number.isSafeInteger(keep) || keep < 1) {
    throw new DruidError('CONFIG', `audit: keep must be 1 or more, not ${keep}`, { option: 'keep' })
  }
}
