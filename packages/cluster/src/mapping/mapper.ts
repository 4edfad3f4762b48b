import { DruidError } from '@druid/core/extension'

/** What a mapper is given: a server as Druid sees it. */
export interface ServerAddress {
  readonly role: string
  readonly host: string
  /** −1 where it serves no plain HTTP. */
  readonly plaintextPort: number
  /** −1 where it serves no TLS. */
  readonly tlsPort: number
  /**
   * Whether TLS is preferred where both are served: as a rule because the connection's own URL is
   * `https:`.
   */
  readonly secure: boolean
}

/** What a mapper may ask. */
export interface MapperContext {
  /** What the extensions' `mapUrl` say of the server; `undefined` where none of them knows. */
  extensions(): URL | undefined
}

/**
 * Where a server is reached from here. Druid lists the addresses that its services use among
 * themselves, which from outside (Docker, Kubernetes, a cloud) often lead nowhere. `undefined`: it
 * does not know. A server that no mapper knows is left out.
 */
export interface AddressMapper {
  (server: ServerAddress, context?: MapperContext): URL | undefined
  /** What it is called in `explainMapping()`. */
  readonly name: string
  /** The mappers that it asks, where it is made of several: see {@link firstOf}. */
  readonly mappers?: readonly AddressMapper[] | undefined
}

/** Gives a mapper the name of the function that made it. */
export function called(
  name: string,
  map: (server: ServerAddress, context?: MapperContext) => URL | undefined,
): AddressMapper {
  return Object.defineProperty(map, 'name', { value: name })
}

export function wrongMapper(why: string): DruidError<'CONFIG'> {
  return new DruidError('CONFIG', why, { option: 'mapUrl' })
}
