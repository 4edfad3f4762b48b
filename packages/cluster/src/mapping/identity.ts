import { portsOf, urlOf } from './address.ts'
import { type AddressMapper, called } from './mapper.ts'

/**
 * The address as Druid has it. `undefined` for one that is none: Druid lists whatever a service was
 * told to announce.
 */
export const identity: AddressMapper = called('identity', (server) => {
  const [served] = portsOf(server)
  return served && urlOf(served.scheme, server.host, served.port)
})
