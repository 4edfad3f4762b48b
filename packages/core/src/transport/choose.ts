import { platformTransport } from '#transport'
import { DruidError } from '../error/error.ts'
import { firstSetting, type TransportSettings } from './settings.ts'
import type { Transport } from './transport.ts'

interface Options extends Omit<TransportSettings, 'connectTimeout'> {
  readonly transport?: Partial<Transport> | undefined
  readonly timeout?: number | { readonly connect?: number | undefined } | undefined
}

/**
 * The caller's transport, or the platform's own with these settings. Throws `CONFIG` for settings that
 * the one or the other cannot have, or that do not fit the URL.
 */
export function chooseTransport(options: Options, bases: readonly URL[]): Transport {
  const { transport: own, timeout, tls, proxy, pool } = options
  const connectTimeout = typeof timeout === 'object' ? timeout.connect : undefined
  const settings = { tls, proxy, pool, connectTimeout }
  if (own !== undefined) return ownTransport(own, settings)
  if (tls !== undefined && bases.some(({ protocol }) => protocol === 'http:')) {
    throw new DruidError('CONFIG', 'connect: tls is for https: URLs, and one is http:', {
      option: 'tls',
    })
  }
  return platformTransport(settings)
}

function ownTransport(own: Partial<Transport>, settings: TransportSettings): Transport {
  if (typeof own?.request !== 'function' || typeof own.close !== 'function') {
    throw new DruidError('CONFIG', 'connect: transport must be one, e.g. fetchTransport()', {
      option: 'transport',
    })
  }
  const option = firstSetting(settings)
  if (option === undefined) return own as Transport
  throw new DruidError(
    'CONFIG',
    `connect: ${option} is for the transport of Node, and another is given (${own.name}); leave "transport" out on Node, or set this up where that transport takes it`,
    { option },
  )
}
