import { type ClusterContext, DruidError, type MappedUrl, messageOf } from '@druid/core/extension'
import type { ServerRow } from '../discovery/server-row.ts'
import type { ServerAddress } from '../discovery/service.ts'
import { isHttp } from './address.ts'
import { identity } from './identity.ts'
import type { AddressMapper } from './mapper.ts'

/** Where a server is reached from here, and by whose word. */
export interface Location {
  readonly url: URL | undefined
  /** Where an extension said it. */
  readonly mapped?: MappedUrl | undefined
}

/** The application's own mapper has the only word where it is given. */
export function locate(
  row: ServerRow,
  mapUrl: AddressMapper | undefined,
  context: ClusterContext,
): Location {
  const address = {
    role: row.server_type,
    host: row.host,
    plaintextPort: row.plaintext_port,
    tlsPort: row.tls_port,
    secure: context.url.protocol === 'https:',
  }
  if (mapUrl !== undefined) return { url: answered(mapUrl, address) }
  const mapped = context.mapUrl({ ...row })
  return mapped === undefined ? { url: identity(address) } : { url: mapped.url, mapped }
}

/** What the application's mapper says of a server, checked: credentials will go there. */
function answered(mapUrl: AddressMapper, address: ServerAddress): URL | undefined {
  let answer: string | undefined
  try {
    const given: unknown = mapUrl(address)
    if (given !== undefined) answer = String(given)
  } catch (cause) {
    throw new DruidError('CONFIG', `the option mapUrl of cluster failed: ${messageOf(cause)}`, {
      option: 'mapUrl',
      cause,
    })
  }
  if (answer === undefined) return undefined
  const url = URL.canParse(answer) ? new URL(answer) : undefined
  if (url !== undefined && isHttp(url) && url.username === '' && url.password === '') return url
  throw new DruidError(
    'CONFIG',
    `the option mapUrl of cluster gave no http: or https: URL without credentials for the role ${address.role}`,
    { option: 'mapUrl' },
  )
}
