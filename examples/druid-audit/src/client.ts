import { type ExtensionHost, sql } from '@druid/core/extension'
import type { AuditEntry, AuditLog, RequestCount } from './log.ts'

/** What `druid.auditClient()` gives: the log of this connection. */
export class AuditClient {
  readonly #client: ExtensionHost
  readonly #log: AuditLog
  readonly #masked: readonly string[]

  constructor(client: ExtensionHost, log: AuditLog, masked: readonly string[] = []) {
    this.#client = client
    this.#log = log
    this.#masked = masked
  }

  /** The last queries, the oldest first. */
  entries(): AuditEntry[] {
    return this.#log.entries()
  }

  /** How often each path was asked, and how many attempts that took. */
  requests(): RequestCount[] {
    return this.#log.requests()
  }

  /** Writes what has ended and is not written yet. @throws what `write` of the options throws. */
  flush(): Promise<void> {
    return this.#log.flush()
  }

  /** Names in `mask` that no table has a column of: a slip there would show what is to be hidden. */
  async unknownMasks(): Promise<string[]> {
    const rows = await this.#client.query(sql<{ audit_column: string }>`
      SELECT DISTINCT COLUMN_NAME AS audit_column FROM INFORMATION_SCHEMA.COLUMNS
      WHERE COLUMN_NAME IN (${sql.list([...this.#masked, ''])})`)
    const known = new Set(rows.map((row) => row.audit_column))
    return this.#masked.filter((name) => !known.has(name))
  }
}
