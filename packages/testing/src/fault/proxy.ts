import { checkNames } from '@druid/core/extension'
import type { Faults } from './faults.ts'
import { wrongFault } from './problem.ts'
import type { TlsMode } from './tls.ts'

/** Options of {@link faultProxy}. */
export interface FaultProxyOptions {
  /** How clients reach the proxy. Default: plain HTTP. */
  readonly tls?: TlsMode | undefined
  /** For a Druid that speaks TLS: what to trust, and the proxy's own certificate; PEM. */
  readonly target?:
    | {
        readonly ca?: string | undefined
        readonly cert?: string | undefined
        readonly key?: string | undefined
      }
    | undefined
}

/**
 * A proxy in front of a Druid, of which a test says what goes wrong: what it does not touch comes as
 * Druid wrote it, status, headers, every byte of the body and trailers. Its URL is that of the Druid,
 * user and path included, at an address of its own on `127.0.0.1`. Node only.
 *
 * @example
 * await using proxy = await faultProxy('http://localhost:8888')
 * proxy.next(cutAfter(1_000_000, { by: 'close' }), { on: 'POST /druid/v2/sql' })
 * @throws DruidError `CONFIG` for what is no URL, or options that are none.
 */
export async function faultProxy(
  druid: string | URL,
  options: FaultProxyOptions = {},
): Promise<Faults> {
  checkNames(options, ['tls', 'target'], 'faultProxy')
  const { tls, target = {} } = options
  checkNames(target, ['ca', 'cert', 'key'], 'faultProxy: target')
  const url = URL.canParse(String(druid)) ? new URL(druid) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw wrongFault('faultProxy takes the http or https URL of a Druid', 'druid')
  }
  const { openProxy } = await import('./upstream.ts')
  return openProxy(url, target, tls)
}
