import type { Known } from './known.ts'

/** A list of services is good for this long; one that does not answer is looked up at once. */
const AGE = 5_000

interface List {
  readonly services: Promise<readonly Known[]>
  readonly since: number
}

export interface DirectorySetup {
  /** Asks for all services; `unlisted`: roles that nobody lists unless he is asked for them. */
  ask(unlisted: readonly string[]): Promise<readonly Known[]>
  /** Whether services of a role are listed without that. */
  isListed(role: string): boolean
  /** Milliseconds between two times that it is asked for in the background. Default: it is not. */
  readonly interval?: number | undefined
}

/** The services that there are, as long as that is good. */
export class Directory {
  readonly #setup: DirectorySetup
  /** Roles that are wanted, and not listed without that. */
  readonly #unlisted = new Set<string>()
  #list: List | undefined
  #timer: ReturnType<typeof setInterval> | undefined
  #closed = false

  constructor(setup: DirectorySetup) {
    this.#setup = setup
  }

  /** From now on services of this role are asked for, too, where nobody lists them without that. */
  want(role: string): void {
    if (this.#setup.isListed(role) || this.#unlisted.has(role)) return
    this.#unlisted.add(role)
    this.#list = undefined
  }

  known(): Promise<readonly Known[]> {
    const age = this.#setup.interval === undefined ? AGE : Number.POSITIVE_INFINITY
    if (this.#list === undefined || performance.now() - this.#list.since > age) {
      this.#list = this.#asked()
      const { services } = this.#list
      // What failed is asked again by the next call, not kept.
      services.catch(() => {
        if (this.#list?.services === services) this.#list = undefined
      })
      this.#begin()
    }
    return this.#list.services
  }

  refresh(): Promise<readonly Known[]> {
    this.#list = undefined
    return this.known()
  }

  /**
   * A list that was asked for after this moment: of many calls that failed at once, one asks. Where it
   * fails, the one before stays.
   */
  async since(moment: number): Promise<readonly Known[]> {
    const before = this.#list
    if (before === undefined || before.since >= moment) return this.known()
    this.#list = undefined
    try {
      return await this.known()
    } catch (error) {
      this.#list ??= before
      throw error
    }
  }

  close(): void {
    this.#closed = true
    clearInterval(this.#timer)
  }

  #asked(): List {
    return { services: this.#setup.ask([...this.#unlisted]), since: performance.now() }
  }

  #begin(): void {
    const { interval } = this.#setup
    if (interval === undefined || this.#timer !== undefined || this.#closed) return
    const timer: unknown = setInterval(() => void this.#renew(), interval)
    this.#timer = timer as ReturnType<typeof setInterval>
    // No process stays for it; browsers have no such thing.
    const { unref } = Object(timer) as { unref?: () => void }
    unref?.call(timer)
  }

  /** Where it fails, the list stays as it was: a server that is gone is found out by whoever calls it. */
  async #renew(): Promise<void> {
    const list = this.#asked()
    try {
      await list.services
      if (this.#list === undefined || this.#list.since < list.since) this.#list = list
    } catch {
      // Asked again after the next interval.
    }
  }
}
