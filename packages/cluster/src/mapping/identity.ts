import { servedBy, urlOf } from './address.ts'
import type { AddressMapper } from './mapper.ts'

/**
 * The address as Druid has it. `undefined` for one that is none: Druid lists whatever a service was
 * told to announce.
 */
export const identity: AddressMapper = (server) => {
  const served = servedBy(server)
  return served && urlOf(served.scheme, server.host, served.port)
}
