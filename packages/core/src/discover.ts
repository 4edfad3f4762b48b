export { type DiscoverOptions, discover } from './discovery/discover.ts'
export {
  type FindOptions,
  type FoundExtension,
  type FoundExtensions,
  findExtensions,
} from './discovery/find.ts'
export type { DiscoveredExtension, DiscoverySet } from './extension/report.ts'
