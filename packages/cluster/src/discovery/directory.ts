import type { MappedUrl } from '@druid/core/extension'
import type { Service } from './service.ts'

/** A service as it is known here. */
export interface Known extends Service {
  /** Its address, where an extension gave it. */
  readonly mapped?: MappedUrl | undefined
}

/** A list of services is good for this long; one that does not answer is looked up at once. */
const AGE = 5_000

/** The services that there are, as long as that is good. */
export class Directory {
  readonly #ask: () => Promise<readonly Known[]>
  #list: { readonly services: Promise<readonly Known[]>; readonly since: number } | undefined

  constructor(ask: () => Promise<readonly Known[]>) {
    this.#ask = ask
  }

  known(): Promise<readonly Known[]> {
    const now = performance.now()
    if (this.#list === undefined || now - this.#list.since > AGE) {
      const services = this.#ask()
      this.#list = { services, since: now }
      // What failed is asked again by the next call, not kept.
      services.catch(() => this.#forget(services))
    }
    return this.#list.services
  }

  refresh(): Promise<readonly Known[]> {
    this.#list = undefined
    return this.known()
  }

  /** A list that was asked for after this moment: of many calls that failed at once, one asks. */
  since(moment: number): Promise<readonly Known[]> {
    if (this.#list !== undefined && this.#list.since < moment) this.#list = undefined
    return this.known()
  }

  #forget(services: Promise<readonly Known[]>): void {
    if (this.#list?.services === services) this.#list = undefined
  }
}

/** By role and address. */
export function inOrder(services: readonly Known[]): readonly Known[] {
  const name = ({ role, server }: Known): string => `${role} ${server}`
  return [...services].sort((a, b) => name(a).localeCompare(name(b)))
}

/** A copy for others: what they do to it is not seen here. */
export function copied({ role, url, server, leader, tier }: Known): Service {
  return { role, url: url && new URL(url), server, leader, tier }
}
