import { type AddressMapper, called } from './mapper.ts'

/**
 * What the extensions of the connection say (`context.mapUrl`), for {@link firstOf}. Credentials go to
 * such an address only where the application chose that extension itself.
 */
export const byExtensions: AddressMapper = called('byExtensions', (_server, context) =>
  context?.extensions(),
)
