import { type ClusterContext, DruidError, type MappedUrl, messageOf } from '@druid/core/extension'
import { isHttp, portsOf } from './address.ts'
import { byExtensions } from './by-extensions.ts'
import { firstOf } from './first-of.ts'
import { identity } from './identity.ts'
import type { AddressMapper, MapperContext, ServerAddress } from './mapper.ts'

/** Where a server is reached from here, and by whose word. */
export interface Location {
  /** `undefined`: no mapper knows it. */
  readonly url: URL | undefined
  /** Name of the mapper that answered. */
  readonly mapper: string | undefined
  /** Where an extension said it. */
  readonly mapped: MappedUrl | undefined
  /** `host:port` for each of its ports, as Druid has them. */
  readonly addresses: readonly string[]
}

/** Where the application says nothing. */
const USUAL = firstOf(byExtensions, identity)

/** What Druid has of a server: at least where it is. */
export interface ServerFacts {
  readonly server_type: string
  readonly host: string
  readonly plaintext_port: number
  readonly tls_port: number
}

/** @throws DruidError `CONFIG` where a mapper fails, or answers what is no address. */
export function locate(
  facts: ServerFacts,
  mapUrl: AddressMapper | undefined,
  context: ClusterContext,
): Location {
  const address = {
    role: facts.server_type,
    host: facts.host,
    plaintextPort: facts.plaintext_port,
    tlsPort: facts.tls_port,
    secure: context.url.protocol === 'https:',
  }
  let said: MappedUrl | undefined
  const asked = {
    extensions() {
      said = context.mapUrl({ ...facts })
      return said && new URL(said.url)
    },
  }
  const answer = firstAnswer(mapUrl ?? USUAL, address, asked)
  const mapped = said?.url.href === answer?.url.href ? said : undefined
  const by = mapped === undefined ? '' : ` (${mapped.extension})`
  const addresses = portsOf(address).map(({ port }) => `${facts.host}:${port}`)
  return { url: answer?.url, mapper: answer && `${answer.mapper}${by}`, mapped, addresses }
}

interface Answer {
  readonly url: URL
  readonly mapper: string
}

/** The mappers of a composition are asked here, so that the one that answered is known. */
function firstAnswer(
  mapper: AddressMapper,
  address: ServerAddress,
  context: MapperContext,
): Answer | undefined {
  if (mapper.mappers === undefined) {
    const url = checked(mapper, address, context)
    return url && { url, mapper: mapper.name || 'mapUrl' }
  }
  for (const one of mapper.mappers) {
    const answer = firstAnswer(one, address, context)
    if (answer !== undefined) return answer
  }
  return undefined
}

/** What a mapper says of a server: credentials will go there. */
function checked(
  mapper: AddressMapper,
  address: ServerAddress,
  context: MapperContext,
): URL | undefined {
  let answer: string | undefined
  try {
    const given: unknown = mapper(address, context)
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
