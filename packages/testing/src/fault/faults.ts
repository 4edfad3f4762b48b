import type { ArrivedRequest } from './arrived.ts'
import type { Fault } from './fault.ts'
import type { FaultOptions, NextFaultOptions } from './rule.ts'
import type { TlsFiles } from './tls.ts'

/** What a fault server and a fault proxy have in common: an address at which things go wrong. */
export interface Faults extends AsyncDisposable {
  /** Give it to `connect`. */
  readonly url: string
  /** All requests in the order they arrived, and what became of them. May be emptied. */
  readonly requests: ArrivedRequest[]
  /** Where it speaks TLS: what clients need for it. */
  readonly tls: TlsFiles | undefined
  /** Lets it happen to the next request (of those that `on` says; to so many of them). */
  next(faults: Fault | readonly Fault[], options?: NextFaultOptions): void
  /** Lets it happen to every request from now on; what is said by `next` comes on top. */
  always(faults: Fault | readonly Fault[], options?: FaultOptions): void
  /** Nothing goes wrong any more with requests to come. */
  clear(): void
  /** To how many requests something said by `next` is still to happen: 0 where all of it did. */
  readonly left: number
  /** How many requests arrived; `on`: of those. */
  count(on?: string): number
  /** As if it had died: connections are reset, and new ones refused. */
  down(): Promise<void>
  /** After {@link down}: there again, at the same address. */
  up(): Promise<void>
  close(): Promise<void>
}
