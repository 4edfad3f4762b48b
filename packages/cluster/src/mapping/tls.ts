import { firstOf } from './first-of.ts'
import { type AddressMapper, called, type ServerAddress, wrongMapper } from './mapper.ts'

/** How a server that serves both is reached; `require` leaves out one without TLS. */
export type TlsPreference = 'prefer' | 'avoid' | 'require'

const WITH: Readonly<Record<TlsPreference, (server: ServerAddress) => ServerAddress | undefined>> =
  {
    prefer: (server) => ({ ...server, secure: true }),
    avoid: (server) => ({ ...server, secure: false }),
    require: (server) =>
      server.tlsPort > 0 ? { ...server, plaintextPort: -1, secure: true } : undefined,
  }

/**
 * The mapper, with a preference of its own. Without it TLS is preferred where the connection's own URL
 * is `https:`.
 *
 * @example withTls('prefer', dockerPorts({ 8281: 18281 }))
 * @throws DruidError `CONFIG` for another preference.
 */
export function withTls(preference: TlsPreference, mapper: AddressMapper): AddressMapper {
  if (!Object.hasOwn(WITH, preference)) {
    throw wrongMapper("withTls: the preference is 'prefer', 'avoid' or 'require'")
  }
  if (typeof mapper !== 'function') throw wrongMapper('withTls: a mapper is a function')
  if (mapper.mappers !== undefined) {
    return firstOf(...mapper.mappers.map((one) => withTls(preference, one)))
  }
  return called(mapper.name, (server, context) => {
    const preferred = WITH[preference](server)
    return preferred && mapper(preferred, context)
  })
}
