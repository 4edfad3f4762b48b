import type { OwnArrived } from './arrived.ts'
import { type Source, take } from './exchange.ts'
import type { Faults } from './faults.ts'
import { type Listener, listen } from './listen.ts'
import { wrongFault } from './problem.ts'
import { matcherOf, rules } from './rule.ts'
import { TLS_MODES, type TlsMode } from './tls.ts'

/** Opens a server whose requests are answered by what `sourceOf` makes, once the address is known. */
export async function open(
  mode: TlsMode | undefined,
  sourceOf: (listener: Listener) => { readonly source: Source; readonly close?: () => void },
  urlOf: (listener: Listener) => string,
): Promise<Faults> {
  if (mode !== undefined && !TLS_MODES.includes(mode)) {
    throw wrongFault(`tls is one of ${TLS_MODES.join(', ')}`, 'tls')
  }
  const said = rules()
  const requests: OwnArrived[] = []
  const listener = await listen(mode, (exchange) => {
    void take(exchange, { rules: said, requests, source })
  })
  const { source, close } = sourceOf(listener)
  async function closed(): Promise<void> {
    await listener.down()
    close?.()
  }
  return {
    url: urlOf(listener),
    requests,
    tls: listener.tls,
    next: said.next,
    always: said.always,
    clear: said.clear,
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
