import { type AddressMapper, called, wrongMapper } from './mapper.ts'

/**
 * Asks these mappers in turn: the first answer wins.
 *
 * @example firstOf(dockerHosts({ 'historical-1': { 8083: 18083 } }), dockerPorts())
 * @throws DruidError `CONFIG` for what is no mapper.
 */
export function firstOf(...mappers: readonly AddressMapper[]): AddressMapper {
  for (const mapper of mappers) {
    if (typeof mapper !== 'function') throw wrongMapper('firstOf: a mapper is a function')
  }
  const first = called('firstOf', (server, context) => {
    for (const mapper of mappers) {
      const url = mapper(server, context)
      if (url !== undefined) return url
    }
    return undefined
  })
  return Object.defineProperty(first, 'mappers', { value: Object.freeze([...mappers]) })
}
