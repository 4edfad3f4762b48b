import type { Location } from '../mapping/locate.ts'
import type { Service } from './service.ts'

/** A service as it is known here. */
export interface Known extends Service, Location {
  readonly url: URL | undefined
}

/** One that has an address. */
export interface Located extends Known {
  readonly url: URL
}

export function located(services: readonly Known[], role?: string): Located[] {
  return services.filter((service): service is Located => {
    return service.url !== undefined && (role === undefined || service.role === role)
  })
}

/** A copy for others: what they do to it is not seen here. */
export function copied({ role, url, server, leader, tier, source }: Known): Service {
  return { role, server, url: url && new URL(url), leader, tier, source }
}
