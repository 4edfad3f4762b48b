import type { ServerAddress } from '../discovery/service.ts'

/**
 * Where a server is reached from here. Druid lists the addresses that its services use among
 * themselves, which from outside (Docker, Kubernetes, a cloud) often lead nowhere. `undefined`
 * leaves the server out.
 */
export type AddressMapper = (server: ServerAddress) => URL | undefined
