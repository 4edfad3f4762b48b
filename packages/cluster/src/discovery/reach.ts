/** A server that could not be reached is passed over for this long, where there is another way. */
const PASSED_OVER = 30_000

/** What came of asking the servers, by URL. */
export class Reach {
  readonly #answered = new Set<string>()
  readonly #down = new Map<string, number>()

  /** It answered, whatever it said. */
  reached({ href }: URL): void {
    this.#answered.add(href)
    this.#down.delete(href)
  }

  failed({ href }: URL): void {
    this.#down.set(href, performance.now() + PASSED_OVER)
  }

  /** Whether it could not be reached, lately. */
  isDown({ href }: URL): boolean {
    return (this.#down.get(href) ?? 0) > performance.now()
  }

  /** Whether it ever answered: then its address is right. */
  hasAnswered({ href }: URL): boolean {
    return this.#answered.has(href)
  }

  /** Forgets all others. */
  keep(hrefs: ReadonlySet<string>): void {
    for (const href of this.#answered) if (!hrefs.has(href)) this.#answered.delete(href)
    for (const href of this.#down.keys()) if (!hrefs.has(href)) this.#down.delete(href)
  }
}
