import { DruidError, isDruidError, messageOf } from '@druid/core/extension'
import type { Known, Located } from './known.ts'

/** It is certain that no server got the request. */
export function wasNotReached(error: unknown): boolean {
  if (isDruidError(error, 'NO_SERVICE')) return wasNotReached(error.cause)
  if (isDruidError(error, 'CONNECT')) return error.reason === 'refused' || error.reason === 'dns'
  return isDruidError(error, 'TIMEOUT') && error.phase === 'connect'
}

/** A server that does not lead, and sends us on to the one that does. */
export function wasSentOn(error: unknown): boolean {
  return isDruidError(error, 'SERVER') && error.status === 307
}

/** Nobody has the role, or nobody says where. */
export function noAddress(role: string, services: readonly Known[]): DruidError<'NO_SERVICE'> {
  const listed = services.filter((service) => service.role === role)
  const servers = listed.map(({ server }) => server).join(', ')
  const roles = [...new Set(services.map((service) => service.role))].join(', ')
  const why =
    listed.length > 0
      ? `no address for the role "${role}": no mapper knows ${servers}. ${remedy(role)}`
      : `no server has the role "${role}"; there are ${roles}. If Druid does not list it, name it: cluster.with({ services: [{ role: '${role}', url }] })`
  return new DruidError('NO_SERVICE', why, { role })
}

/** A server that never answered at its address: that is more often wrong than the server down. */
export function wrongAddress(
  { role, server, url, mapper }: Located,
  cause: unknown,
): DruidError<'NO_SERVICE'> {
  const where = url.host === server ? '' : ` (by the mapper ${mapper}: ${url.href})`
  const why = `the ${role} ${server}${where} cannot be reached from here: ${messageOf(cause)}. ${remedy(role)}`
  // It may be about to start.
  return new DruidError('NO_SERVICE', why, { role, cause, retryable: true })
}

function remedy(role: string): string {
  const mapper = `firstOf(urlTemplate({ ${role}: 'http://host:port' }), identity)`
  return `Say where it is: cluster.with({ mapUrl: ${mapper} }), or another mapper; cluster().explainMapping() shows what is reached`
}
