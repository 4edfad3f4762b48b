/** What became of one query. */
export interface AuditEntry {
  /** When it was asked, in ISO 8601. */
  readonly at: string
  readonly queryId: string
  /** As the application wrote it. */
  readonly statement: string
  /** How many rows were handed out. */
  readonly rows: number
  /**
   * `sent`: without an end so far, and for ever if it was read as bytes; `whole`: read to its end;
   * `left`: given up before; `refused`: not sent.
   */
  readonly outcome: 'sent' | 'whole' | 'left' | 'failed' | 'refused'
  /** The code of the error, where it failed or was refused. */
  readonly code?: string
}

/** How often a path was asked. */
export interface RequestCount {
  /** `POST /druid/v2/sql`; ids in it are `{id}`. */
  readonly request: string
  /** Calls, each of which is one or more attempts. */
  readonly calls: number
  /** What was put on the network. */
  readonly attempts: number
}

/** An entry that is being written. */
export type OpenEntry = { -readonly [K in keyof AuditEntry]: AuditEntry[K] }

/** So many finished entries are written before the connection is closed. */
const BATCH = 100

/** The log of one connection. */
export class AuditLog {
  readonly #keep: number
  readonly #write: ((entries: readonly AuditEntry[]) => unknown) | undefined
  readonly #entries: OpenEntry[] = []
  readonly #counts = new Map<string, { calls: number; attempts: number }>()
  #pending: OpenEntry[] = []
  #writing: Promise<void> = Promise.resolve()

  constructor(keep: number, write: ((entries: readonly AuditEntry[]) => unknown) | undefined) {
    this.#keep = keep
    this.#write = write
  }

  /** A query begins. */
  open(queryId: string, statement: string): OpenEntry {
    const at = new Date().toISOString()
    const entry: OpenEntry = { at, queryId, statement, rows: 0, outcome: 'sent' }
    this.#entries.push(entry)
    if (this.#entries.length > this.#keep) this.#entries.shift()
    return entry
  }

  /** A query ends: the first word counts, as an error follows a result that breaks off. */
  end(entry: OpenEntry, outcome: AuditEntry['outcome'], code?: string): void {
    if (entry.outcome === 'sent') this.#pending.push(entry)
    else if (entry.outcome !== 'left' || outcome !== 'failed') return
    entry.outcome = outcome
    if (code !== undefined) entry.code = code
    // What cannot be written stays, and is tried again; closing says so if that is in vain.
    if (this.#pending.length >= BATCH) this.flush().catch(() => {})
  }

  count(method: string, path: string, what: 'calls' | 'attempts'): void {
    // The ids of queries, tasks and segments would make a path of each.
    const request = `${method} ${path.replace(/[^/]*\d[^/]{7,}/g, '{id}')}`
    const counts = this.#counts.get(request) ?? { calls: 0, attempts: 0 }
    counts[what] += 1
    this.#counts.set(request, counts)
  }

  entries(): AuditEntry[] {
    return this.#entries.map((entry) => ({ ...entry }))
  }

  requests(): RequestCount[] {
    return [...this.#counts].map(([request, counts]) => ({ request, ...counts }))
  }

  /** Writes what has ended and is not written. @throws what `write` throws. */
  flush(): Promise<void> {
    // One after another, so that entries arrive in order and once.
    const written = this.#writing.then(async () => {
      const entries = this.#pending
      if (this.#write === undefined || entries.length === 0) return
      this.#pending = []
      try {
        await this.#write(entries.map((entry) => ({ ...entry })))
      } catch (error) {
        this.#pending = [...entries, ...this.#pending]
        throw error
      }
    })
    this.#writing = written.catch(() => {})
    return written
  }
}
