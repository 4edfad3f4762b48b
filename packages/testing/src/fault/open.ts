import type { OwnArrived } from './arrived.ts'
import { type Source, take } from './exchange.ts'
import type { Faults } from './faults.ts'
import { type Listener, listen } from './listen.ts'
import { wrongFault } from './problem.ts'
import { matcherOf, rules } from './rule.ts'
import { TLS_MODES, type TlsMode } from './tls.ts'

/** What answers at an address. */
interface Behind {
  readonly url: string
  readonly source: Source
  readonly close?: () => void
}

/** Opens a server. `behind`: called once its address is known. */
export async function open(
  mode: TlsMode | undefined,
  behind: (listener: Listener) => Behind,
): Promise<Faults> {
  if (mode !== undefined && !TLS_MODES.includes(mode)) {
    throw wrongFault(`tls is one of ${TLS_MODES.join(', ')}`, 'tls')
  }
  const said = rules()
  const requests: OwnArrived[] = []
  const listener = await listen(mode, (exchange) => {
    void take(exchange, { rules: said, requests, source })
  })
  const { url, source, close } = await started(listener, behind)
  async function closed(): Promise<void> {
    await listener.down()
    close?.()
  }
  return {
    url,
    requests,
    tls: listener.tls,
    next: said.next,
    always: said.always,
    clear: said.clear,
    get left() {
      return said.left()
    },
    count(on) {
      const matches = matcherOf(on)
      return requests.filter(({ method, path }) => matches(method, path)).length
    },
    down: listener.down,
    up: listener.up,
    close: closed,
    [Symbol.asyncDispose]: closed,
  }
}

/** What is wrong with its options leaves no server behind. */
async function started(
  listener: Listener,
  behind: (listener: Listener) => Behind,
): Promise<Behind> {
  try {
    return behind(listener)
  } catch (error) {
    await listener.down()
    throw error
  }
}
