import { DruidError } from '@druid/core/extension'
import { isHttp } from '../mapping/address.ts'
import type { Known } from './known.ts'
import type { NamedService } from './service.ts'

/** The services of the option `services`, checked. @throws DruidError `CONFIG`. */
export function namedServices(services: readonly NamedService[]): Known[] {
  if (!Array.isArray(services)) throw wrong('services is a list of { role, url }')
  return services.map(named)
}

function named(service: NamedService): Known {
  const { role, url } = Object(service) as Partial<NamedService>
  const where = URL.canParse(String(url)) ? new URL(String(url)) : undefined
  if (typeof role !== 'string' || where === undefined || !isHttp(where)) {
    throw wrong('services are { role, url }, with a whole URL: http://host:port')
  }
  if (where.username !== '' || where.password !== '') {
    throw wrong(
      `the URL of the service "${role}" holds credentials; give them to connect() as auth`,
    )
  }
  return {
    role,
    url: where,
    server: where.host,
    leader: undefined,
    tier: undefined,
    source: 'option',
    mapper: 'services',
    mapped: undefined,
    addresses: [where.host],
  }
}

function wrong(why: string): DruidError {
  return new DruidError('CONFIG', `cluster.with: ${why}`, { option: 'cluster' })
}
